// What is between two reactors is bounded in bytes, however long one of them keeps the other waiting.

#include "broker/reactor_lane.h"

#include <array>
#include <sstream>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "broker/identity_store.h"
#include "broker/reactor.h"
#include "broker/running_broker.h"
#include "client/publisher.h"
#include "client/subscriber.h"
#include "crypto/tls_context.h"
#include "io/file.h"
#include "metadata/command.h"
#include "telemetry/exposition.h"

using namespace felix;
using namespace felix::test;
using broker::Reactor;

namespace {

constexpr std::size_t kTransit = 4u << 20;
constexpr std::size_t kBatchBytes = 64u << 10;
const std::array<std::string, 2> kStreams{"even", "odd"};

void run(metadata::State& state, const metadata::Command& command) {
  const auto outcome = execute(state, command);
  if (!outcome) FAIL(to_string(outcome.error()));
}

std::shared_ptr<const metadata::RoutingTable> two_streams() {
  using namespace metadata;
  State state;
  run(state, CreateTenant{broker::kDefaultTenant, ""});
  run(state, CreateNamespace{broker::kDefaultTenant, broker::kDefaultNamespace, ""});
  for (const std::string& stream : kStreams)
    run(state, CreateStream{broker::kDefaultTenant, broker::kDefaultNamespace, stream, {}});
  return RoutingTable::build(state);
}

// Two reactors on this thread, each turned when the test says so.
class TwoReactors {
 public:
  TwoReactors() {
    const std::string state = directory_.path() + "/state";
    identity_ = broker::open_standalone_identity(state, {}, clock_.wall_now()).value();
    broker::ReactorOptions options;
    options.homes.reactors = 2;
    options.transit_bytes = kTransit;
    options.subscription.bounds = {100'000, std::size_t{1} << 30};
    crypto::TlsServerOptions tls;
    tls.identity = identity_.server;
    const auto context = crypto::TlsServerContext::create(std::move(tls), clock_.wall_now()).value();
    const auto policy = std::make_shared<const broker::AccessPolicy>(
        broker::AccessPolicy{1, crypto::TokenVerifier(identity_.token_keys), {}});
    io::Address address = io::Address::parse("127.0.0.1:0").value();
    for (std::uint32_t i = 0; i < 2; ++i) {
      reactors_[i] =
          Reactor::create(i, 2, address, clock_, common_, options, context, policy, two_streams()).value();
      address = reactors_[i]->local();
    }
    for (const auto& reactor : reactors_) reactor->connect_to({reactors_[0].get(), reactors_[1].get()});
    loop_ = io::Loop::create(clock_).value();
  }
  ~TwoReactors() {
    for (const auto& reactor : reactors_) reactor->stop();
    for (const auto& reactor : reactors_) reactor->run();
  }

  // A session whose connection is on that reactor.
  std::unique_ptr<client::Session> connect_to(std::uint32_t reactor) {
    client::ConnectOptions options;
    options.servers = {reactors_[0]->local().to_string()};
    options.server_name = "localhost";
    options.ca_file = identity_.ca_path;
    options.token = io::read_file(identity_.admin_token_path, 1 << 16).value();
    options.token.pop_back();
    options.reconnect.enabled = false;
    for (;;) {
      auto session = client::Session::create(*loop_, options).value();
      const double before = metric(reactor, "felix_connections");
      session->start();
      until([&] { return session->state() == client::Session::State::ready; });
      if (metric(reactor, "felix_connections") > before) return session;
    }
  }
  std::uint32_t home_of(const std::string& stream) const {
    const auto routes = two_streams();
    const auto* route = routes->find_stream(broker::kDefaultTenant, broker::kDefaultNamespace, stream);
    return reactors_[0]->home_of({route->incarnation, 0});
  }
  void turn(std::initializer_list<std::uint32_t> which) {
    for (const std::uint32_t each : which) reactors_[each]->loop().turn(clock_.now());
    loop_->turn(clock_.now());
  }
  void until(const std::function<bool()>& done) {
    const MonoTime give_up = clock_.now() + std::chrono::seconds(20);
    while (!done()) {
      REQUIRE(clock_.now() < give_up);
      turn({0, 1});
    }
  }
  double metric(std::uint32_t reactor, const std::string& name) const {
    std::istringstream lines(telemetry::expose(std::array{&reactors_[reactor]->metrics()}));
    double sum = 0;
    for (std::string line; std::getline(lines, line);)
      if (line.starts_with(name)) sum += std::stod(line.substr(line.rfind(' ')));
    return sum;
  }
  const io::Clock& clock() const { return clock_; }

 private:
  TemporaryDirectory directory_{TemporaryDirectory::in_memory()};
  io::SystemClock clock_;
  broker::Admission admission_{{}, 1};
  broker::MemoryAccounts memory_{std::size_t{512} << 20, 0};
  broker::Common common_{admission_, memory_, 1, 0, {}};
  broker::StandaloneIdentity identity_;
  std::array<std::unique_ptr<Reactor>, 2> reactors_;
  std::unique_ptr<io::Loop> loop_;
};

broker::DeliverMessage delivery_of(std::size_t bytes) {
  return {broker::ShardId{1, 0}, {0, records({std::string(bytes, 'x')}), {}, {}}};
}

}  // namespace

TEST_CASE("a lane knows the bytes on their way, in its mailbox, in its outbox and being handled") {
  io::SystemClock clock;
  const auto loop = io::Loop::create(clock).value();
  broker::ReactorLane lane(*loop, 4);
  for (int i = 0; i < 10; ++i) lane.push(delivery_of(996));
  CHECK(lane.outbox_size() == 6);
  CHECK(lane.bytes_on_the_way() == 10'000);
  CHECK_FALSE(lane.try_push(broker::ForeignPacket{std::vector<std::byte>(100), {}}));
  CHECK(lane.bytes_on_the_way() == 10'000);
  std::size_t handled = 0;
  lane.drain(1, [&](broker::ReactorMessage&&) {
    CHECK(lane.bytes_on_the_way() == 10'000);
    ++handled;
  });
  CHECK(lane.bytes_on_the_way() == 9'000);
  while (!lane.empty() || lane.outbox_size() > 0) {
    lane.flush();
    lane.drain(100, [&](broker::ReactorMessage&&) { ++handled; });
  }
  CHECK(handled == 10);
  CHECK(lane.bytes_on_the_way() == 0);
  CHECK(lane.try_push(broker::ForeignPacket{std::vector<std::byte>(100), {}}));
  CHECK(lane.bytes_on_the_way() == 100);
}

TEST_CASE(
    "a reactor that stands still makes others keep no more for it than their bound, and then gets all") {
  TwoReactors two;
  const std::string stream = GENERATE(kStreams[0], kStreams[1]);
  const std::uint32_t home = two.home_of(stream);
  // Deliveries wait for the reader's reactor, or publishes for their home.
  const bool reader_stands_still = GENERATE(true, false);
  const std::uint32_t publishing = reader_stands_still ? home : 1 - home;
  const std::uint32_t standing_still = 1 - publishing;
  CAPTURE(home, publishing);
  const auto publisher_session = two.connect_to(publishing);
  const auto reader_session = two.connect_to(reader_stands_still ? standing_still : publishing);
  client::Subscriber reader(*reader_session, {.stream = stream});
  two.until([&] { return reader.state() == client::Subscriber::State::live; });
  client::Publisher publisher(*publisher_session,
                              {.in_flight_bytes = 256u << 20, .in_flight_frames = 100'000});

  constexpr std::size_t kBatches = 600;  // 38 MB
  std::size_t answered = 0;
  for (std::size_t i = 0; i < kBatches; ++i)
    publisher.publish({.stream = stream, .records = records({std::string(kBatchBytes, 'x')})},
                      [&](const Result<client::PublishOutcome>& outcome) { answered += outcome ? 1 : 0; });
  const auto transit = [&] { return two.metric(publishing, "felix_reactor_transit_bytes"); };
  double most = 0;
  MonoTime quiet_until = two.clock().now() + std::chrono::milliseconds(700);
  while (two.clock().now() < quiet_until) {
    two.turn({publishing});
    most = std::max(most, transit());
  }
  CHECK(most > kTransit * 0.9);
  // One frame may pass it.
  CHECK(most <= kTransit + 2.0 * kBatchBytes);
  CHECK(answered < kBatches / 2);

  std::size_t heard = 0;
  two.until([&] {
    while (auto batch = reader.try_next()) heard += batch->records.count();
    return heard == kBatches && answered == kBatches;
  });
  const MonoTime later = two.clock().now() + std::chrono::milliseconds(150);
  two.until([&] { return two.clock().now() > later; });
  CHECK(transit() == 0);
}
