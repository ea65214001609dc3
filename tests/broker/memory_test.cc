// What peers can make a broker hold (docs/OPERATIONS.md, "Memory").

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "broker/memory_plan.h"
#include "broker/raw_client.h"
#include "flow/live_bytes.h"

using namespace felix;
using namespace felix::test;

namespace {

constexpr const char* kIngress = "felix_memory_used_bytes{account=\"ingress\"}";

}  // namespace

TEST_CASE("a header that claims a large frame costs a stranger's streams nothing", "[L-82]") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  const std::size_t before = flow::live_frame_bytes();
  constexpr int kStreams = 16;
  for (int i = 0; i < kStreams; ++i) client.open().write(header(0, 64 * 1024) + "{");
  client.within(std::chrono::milliseconds(200), [] { return false; });
  // What this test itself has written and holds until it is acknowledged is gone by then.
  CHECK(flow::live_frame_bytes() <= before + kStreams * 5 * 1024);
  // One frame of a stranger's largest size is let in, whichever of them it will be.
  CHECK(broker.metric(kIngress) <= 66 * 1024);
}

TEST_CASE("a stranger may have 32 KiB under way and a few streams, however many it would open", "[L-82]") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  RawChannel& channel = client.open();
  channel.write(header(0, 16 << 20) + std::string(1 << 20, 'x'));
  client.within(std::chrono::milliseconds(200), [] { return false; });
  // More than a stranger's frame may have: the stream is not read to its end.
  CHECK(broker.metric(kIngress) <= 32 * 1024);
  std::size_t opened = 0;
  while (client.can_open()) {
    client.open();
    ++opened;
  }
  CHECK(opened <= 16);
}

TEST_CASE("a frame larger than all windows comes through, and its windows shrink again", "[memory]") {
  broker::ServerOptions options;
  options.reactor.ingress_bytes = 32 << 20;
  options.reactor.homes.ring.bytes = 64 << 20;
  RunningBroker broker(GENERATE(1u, 2u), std::move(options));
  RawClient client(broker);
  RawChannel& channel = client.open_authenticated();
  for (std::uint64_t i = 1; i <= 3; ++i) {
    channel.write(acked(i, "s", {std::string(15 << 20, 'x')}));
    CHECK(ack_of(channel.next()).status == 0);
  }
  client.until([&] { return broker.metric(kIngress) <= 8 << 20; });
  client.close();
  client.until([&] { return client.closed().has_value(); });
  client.within(std::chrono::seconds(2), [&] { return broker.metric(kIngress) == 0; });
  CHECK(broker.metric(kIngress) == 0);
}

TEST_CASE("a frame of which no byte comes any more ends its stream and says why", "[L-82]") {
  broker::ServerOptions options;
  options.reactor.frame_timeout = std::chrono::milliseconds(300);
  RunningBroker broker(GENERATE(1u, 2u), std::move(options));
  RawClient client(broker);
  RawChannel& healthy = client.open_authenticated();
  RawChannel& slow = client.open_authenticated();
  const std::string whole = acked(1, "s", {std::string(100'000, 'x')});
  slow.write(whole.substr(0, 50'000));
  const auto answers = slow.rest();
  REQUIRE(answers.size() == 1);
  CHECK(answers.front().text.find("the rest of a frame did not come in time") != std::string::npos);
  healthy.write(acked(1, "s", {"x"}));
  CHECK(ack_of(healthy.next()).status == 0);
}

TEST_CASE("who is authenticated may open more streams as it uses them", "[memory]") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  client.open_authenticated();
  std::size_t opened = 1;
  client.within(std::chrono::seconds(5), [&] {
    while (opened < 1000 && client.can_open()) {
      client.open().write("F");  // a stream of which nothing was heard is not there
      ++opened;
    }
    return opened == 1000;
  });
  CHECK(opened == 1000);
}

TEST_CASE("each account shows what it holds and what it may hold", "[memory]") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  RawChannel& channel = client.open_authenticated();
  channel.write(acked(1, "s", {std::string(100'000, 'x')}));
  CHECK(ack_of(channel.next()).status == 0);
  const auto used = [&](const std::string& account) {
    return broker.metric("felix_memory_used_bytes{account=\"" + account + "\"}");
  };
  CHECK(used("retained") >= 100'000);
  CHECK(used("ingress") >= 32 * 1024);
  CHECK(used("control") == 0);
  for (const char* account : {"ingress", "retained", "fanout", "subscriptions"})
    CHECK(broker.metric("felix_memory_limit_bytes{account=\"" + std::string(account) + "\"}") > 0);
  CHECK(broker.metric("felix_memory_resident_bytes") > 0);
}

TEST_CASE("subscriptions beyond the memory for them are refused, and taken again when others have ended",
          "[memory][L-84]") {
  broker::ServerOptions options;
  options.reactor.subscription_bytes = 3 * broker::kSubscriptionBytes;
  RunningBroker broker(1, std::move(options));
  RawClient client(broker);
  std::vector<RawChannel*> events;
  for (int i = 0; i < 3; ++i) {
    RawChannel& channel = client.open_authenticated();
    channel.write(subscribe("s"));
    CHECK(channel.next().text.starts_with(R"({"type":"subscribed")"));
    events.push_back(&client.event_channel());
  }
  const std::string refusal =
      R"({"type":"error","message":"the broker has no memory for another subscription"})";
  RawClient other(broker);
  RawChannel& over = other.open_authenticated();
  over.write(subscribe("s"));
  CHECK(over.next().text == refusal);
  const std::string used = "felix_memory_used_bytes{account=\"subscriptions\"}";
  CHECK(broker.metric(used) == 3 * broker::kSubscriptionBytes);
  events.front()->stop_reading();
  client.until([&] { return broker.metric(used) == 2 * broker::kSubscriptionBytes; });
  RawChannel& again = other.open_authenticated();
  again.write(subscribe("s"));
  CHECK(again.next().text.starts_with(R"({"type":"subscribed")"));
  client.close();
  other.close();
  RawClient last(broker);
  last.until([&] { return broker.metric(used) == 0; });
}
