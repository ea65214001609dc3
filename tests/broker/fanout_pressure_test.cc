// The fan-out account: who gives way when frames that only subscribers hold become too many.

#include "broker/fanout_pressure.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "broker/raw_client.h"
#include "client/publisher.h"
#include "client/subscriber.h"

using namespace felix;
using namespace felix::test;

namespace {

constexpr std::size_t kMiB = 1 << 20;
constexpr const char* kFanout = "felix_memory_used_bytes{account=\"fanout\"}";

}  // namespace

TEST_CASE("stalled subscribers give up what is over their share while one that reads gets every record",
          "[L-11]") {
  broker::ServerOptions options;
  options.fanout_bytes = 32 * kMiB;
  options.reactor.homes.ring.bytes = 4 * kMiB;
  RunningBroker broker(GENERATE(1u, 2u), std::move(options));
  client::ConnectOptions small = broker.client_options();
  small.transport.stream_window_bytes = 16 * 1024;
  TestClient slow(broker, small);
  REQUIRE(slow.session->connect());
  std::vector<std::unique_ptr<client::Subscriber>> stalled;
  for (int i = 0; i < 5; ++i)
    stalled.push_back(
        std::make_unique<client::Subscriber>(*slow.session, client::SubscribeOptions{.stream = "s"}));
  for (auto& subscriber : stalled) REQUIRE(subscriber->wait_live());

  TestClient quick(broker);
  REQUIRE(quick.session->connect());
  client::Subscriber reader(*quick.session, {.stream = "s"});
  REQUIRE(reader.wait_live());
  client::Publisher publisher(*quick.session, {});
  const std::vector<std::string> batch(64, std::string(64 * 1024, 'x'));  // 4 MiB
  std::size_t read = 0;
  for (int i = 0; i < 64; ++i) {  // eight times the account
    REQUIRE(publisher.publish_and_wait({.stream = "s", .records = records(batch)}));
    while (read < static_cast<std::size_t>(i + 1) * batch.size()) {
      const auto events = reader.next(quick.loop->now() + std::chrono::seconds(5));
      REQUIRE(events);
      CHECK(events->dropped_before == 0);
      read += events->records.count();
    }
    CHECK(broker.metric(kFanout) <= 32.0 * kMiB + 8.0 * kMiB);  // and what is on its way just now
  }
  CHECK(broker.metric("felix_sub_queue_dropped_total{reason=\"memory\"}") +
            broker.metric("felix_sub_queue_dropped_total{reason=\"queue_full_new\"}") >
        0);
  stalled.clear();
  const MonoTime give_up = broker.clock().now() + std::chrono::seconds(5);
  while (broker.metric(kFanout) > 4.0 * kMiB && broker.clock().now() < give_up) {
    slow.loop->turn(broker.clock().now());
    quick.loop->turn(broker.clock().now() + std::chrono::milliseconds(5));  // it has records to acknowledge
  }
  CHECK(broker.metric(kFanout) <= 4.0 * kMiB);
}
