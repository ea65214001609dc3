// T28: the memory plan is a sum of constants times limits (broker/memory_plan.h). Here each constant meets
// the truth: the bytes the broker's heap has handed out, before and after a thousand of what it stands for.

#include <algorithm>
#include <functional>
#include <memory>
#include <sys/resource.h>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "bench/broker_process.h"
#include "broker/memory_plan.h"
#include "broker/raw_client.h"
#include "client/publisher.h"
#include "client/subscriber.h"
#include "client/token_source.h"
#include "reliability/broker_peer.h"
#include "reliability/verdict.h"

using namespace felix;
using test::RawChannel;
using test::RawClient;

namespace {

constexpr std::size_t kConnections = 1000;
constexpr std::size_t kMany = 900;  // of the 1,024 streams that may be open on a connection
constexpr std::size_t kFew = 32;    // before, so that what is made once is made

// Reads what the broker has allocated and holds once it does nothing any more.
struct Weight {
  std::uint64_t allocated_bytes = 0;
  std::uint64_t resident_bytes = 0;

  static Weight of(const bench::BrokerProcess& broker, const std::function<void(Duration)>& turn) {
    Weight weight;
    int same = 0;
    for (int i = 0; i < 100 && same < 3; ++i) {
      turn(std::chrono::milliseconds(100));
      const std::uint64_t now = broker.allocated_bytes();
      same = now == weight.allocated_bytes ? same + 1 : 0;
      weight = {now, broker.resident_bytes()};
    }
    return weight;
  }
};

std::uint64_t of_one(std::uint64_t before, std::uint64_t after, std::size_t count) {
  return after > before ? (after - before) / count : 0;
}

std::unique_ptr<bench::BrokerProcess> started() {
  return bench::BrokerProcess::start(FELIX_COMMAND, {"--reactors", "1", "--max-connections-per-ip", "0"})
      .value();
}

}  // namespace

TEST_CASE("T28 an idle connection costs at most 40 KB however many there are", "[memory]") {
  test::Verdict verdict("T28 idle connections");
  rlimit descriptors{};
  ::getrlimit(RLIMIT_NOFILE, &descriptors);
  descriptors.rlim_cur = descriptors.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &descriptors);
  const auto broker = started();
  const io::SystemClock clock;
  const auto loop = io::Loop::create(clock).value();
  const auto turn = [&](Duration time) { loop->run_until([] { return false; }, clock.now() + time); };
  std::vector<std::unique_ptr<client::Session>> sessions;
  const auto connect = [&](std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      sessions.push_back(client::Session::create(*loop, broker->client_options()).value());
      REQUIRE(sessions.back()->connect());
    }
  };
  connect(kFew);
  const Weight none = Weight::of(*broker, turn);
  connect(kConnections);
  const Weight some = Weight::of(*broker, turn);
  connect(kConnections);
  const Weight twice = Weight::of(*broker, turn);
  const std::uint64_t first = of_one(none.allocated_bytes, some.allocated_bytes, kConnections);
  const std::uint64_t second = of_one(some.allocated_bytes, twice.allocated_bytes, kConnections);
  const std::uint64_t resident = of_one(none.resident_bytes, twice.resident_bytes, 2 * kConnections);
  verdict.figure("n", std::uint64_t{2 * kConnections})
      .figure("allocated_first_1000", first)
      .figure("allocated_next_1000", second)
      .figure("resident", resident)
      .figure("bound", std::uint64_t{40'000})
      .figure("planned", broker::kIdleConnectionBytes);
  REQUIRE(verdict.print(first > 0 && first <= 40'000 && second <= 40'000 && resident <= 40'000));
}

TEST_CASE("T28 streams and subscriptions cost what the memory plan counts for them", "[memory]") {
  test::Verdict verdict("T28 planned constants");
  const auto broker = started();
  client::ConnectOptions known = broker->client_options();
  known.server_name = test::address_of(*broker).host_string();
  const std::string token = client::read_token(known).value();
  std::vector<std::unique_ptr<RawClient>> clients;
  const auto turn = [&](Duration time) {
    const io::SystemClock clock;
    for (const MonoTime end = clock.now() + time; clock.now() < end;) {
      for (const auto& client : clients) client->turn();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  };
  const auto add_client = [&]() -> RawClient& {
    return *clients.emplace_back(std::make_unique<RawClient>(known, token));
  };
  const auto weigh = [&] { return Weight::of(*broker, turn).allocated_bytes; };
  const auto subscribe = [](RawClient& client) {
    RawChannel& channel = client.open_authenticated();
    channel.write(test::subscribe("s"));
    REQUIRE(channel.next().text.starts_with(R"({"type":"subscribed")"));
  };

  const std::uint64_t base = weigh();
  RawClient& publisher = add_client();
  for (std::size_t i = 0; i < kFew; ++i) publisher.open_authenticated();
  const std::uint64_t before_streams = weigh();
  for (std::size_t i = 0; i < kMany; ++i) publisher.open_authenticated();
  const std::uint64_t stream = of_one(before_streams, weigh(), kMany);

  RawClient& reader = add_client();
  for (std::size_t i = 0; i < kFew; ++i) subscribe(reader);
  const std::uint64_t before_subscriptions = weigh();
  for (std::size_t i = 0; i < kMany; ++i) subscribe(reader);
  const std::uint64_t subscription = of_one(before_subscriptions, weigh(), kMany);

  // Strangers: connections on which nobody authenticates, with a begun frame on every stream they may open.
  const std::size_t strangers = 50;
  const std::size_t first = clients.size();
  const std::uint64_t before_strangers = weigh();
  for (std::size_t i = 0; i < strangers; ++i) add_client();
  std::size_t opened = 0;
  for (std::size_t i = first; i < clients.size(); ++i)
    for (; clients[i]->can_open(); ++opened) clients[i]->open().write("FLX1");
  const std::uint64_t stranger = of_one(before_strangers, weigh(), strangers);
  const std::uint64_t planned_stranger =
      broker::kIdleConnectionBytes + opened / strangers * broker::kStreamBytes;

  verdict.figure("n", std::uint64_t{2 * kMany})
      .figure("program", base)
      .figure("program_planned", broker::kProgramBytes)
      .figure("stream", stream)
      .figure("stream_planned", broker::kStreamBytes)
      .figure("subscription", subscription)
      .figure("subscription_planned", broker::kSubscriptionBytes)
      .figure("stranger", stranger)
      .figure("stranger_planned", planned_stranger);
  REQUIRE(verdict.print(base <= broker::kProgramBytes && stream > 0 && stream <= broker::kStreamBytes &&
                        subscription > 0 && subscription <= broker::kSubscriptionBytes && opened > 0 &&
                        stranger > 0 && stranger <= planned_stranger));
}

TEST_CASE("T28 small records to readers that never read stay under the memory limit", "[memory][L-11]") {
  test::Verdict verdict("T28 small records");
  constexpr std::uint64_t kLimit = 64 << 20;
  constexpr std::uint64_t kRecords = 8000;
  const auto broker =
      bench::BrokerProcess::start(FELIX_COMMAND, {"--memory-max", std::to_string(kLimit), "--reactors", "1",
                                                  "--max-connections-per-ip", "0"})
          .value();
  const io::SystemClock clock;
  const auto loop = io::Loop::create(clock).value();
  client::ConnectOptions slow = broker->client_options();
  slow.transport.stream_window_bytes = 16 * 1024;
  slow.transport.connection_window_bytes = 16 * 1024;
  std::vector<std::unique_ptr<client::Session>> sessions;
  std::vector<std::unique_ptr<client::Subscriber>> readers;
  for (int i = 0; i < 8; ++i) {
    sessions.push_back(client::Session::create(*loop, slow).value());
    REQUIRE(sessions.back()->connect());
    for (int k = 0; k < 100; ++k)
      readers.push_back(std::make_unique<client::Subscriber>(
          *sessions.back(), client::SubscribeOptions{.stream = "small", .queue_capacity = 4096}));
  }
  const auto live = [&] {
    return static_cast<std::uint64_t>(std::ranges::count_if(
        readers, [](const auto& r) { return r->state() == client::Subscriber::State::live; }));
  };
  loop->run_until([&] { return live() == readers.size(); }, clock.now() + std::chrono::seconds(5));
  const std::uint64_t subscribed = live();
  const auto session = client::Session::create(*loop, broker->client_options()).value();
  REQUIRE(session->connect());
  client::Publisher publisher(*session, {});
  wire::RecordRunBuilder builder;
  builder.append(as_bytes(std::string_view("small")));
  const wire::RecordRun record = builder.finish();
  std::uint64_t published = 0, peak = 0, heap = 0;
  const MonoTime end = clock.now() + std::chrono::seconds(20);
  for (std::uint64_t asked = 0; published < kRecords && clock.now() < end;) {
    for (int i = 0; i < 32 && asked < kRecords && publisher.wants_more(); ++i, ++asked)
      publisher.publish({.stream = "small", .records = record},
                        [&](const Result<client::PublishOutcome>& outcome) { published += outcome ? 1 : 0; });
    loop->turn(clock.now() + std::chrono::milliseconds(1));
    peak = std::max(peak, broker->resident_bytes());
  }
  heap = broker->allocated_bytes();
  verdict.figure("n", published)
      .figure("readers", subscribed)
      .figure("heap_mib", heap >> 20)
      .figure("rss_peak_mib", peak >> 20)
      .figure("bound_mib", kLimit >> 20);
  REQUIRE(verdict.print(published == kRecords && subscribed > 0 && peak <= kLimit));
}
