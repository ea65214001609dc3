// T21: of fifty subscriptions on one connection, one that is not read does not move the delay of the others.
//
// The same is published in every round; only whether the first subscription is read changes.

#include <cstring>
#include <memory>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "bench/broker_process.h"
#include "client/publisher.h"
#include "client/subscriber.h"
#include "io/clock.h"
#include "io/loop.h"
#include "reliability/verdict.h"
#include "telemetry/histogram.h"

using namespace felix;

namespace {

constexpr std::size_t kSubscriptions = 50;
constexpr int kRounds = 8;  // read and not read in turn
constexpr double kAllowed = 1.5;
constexpr Duration kPeriod = std::chrono::milliseconds(1);
constexpr Duration kSettle = std::chrono::milliseconds(150);  // of each round, not measured
constexpr std::size_t kLargeBytes = 4096;                     // of the first one's records

std::string name(std::size_t subscription) { return "of fifty " + std::to_string(subscription); }

struct Sides {
  explicit Sides(const bench::BrokerProcess& broker) : loop(io::Loop::create(clock).value()) {
    client::ConnectOptions options = broker.client_options();
    publisher_session = client::Session::create(*loop, options).value();
    options.transport.stream_window_bytes = 64 * 1024;  // soon full when it is not read
    reader_session = client::Session::create(*loop, options).value();
    REQUIRE(publisher_session->connect());
    REQUIRE(reader_session->connect());
    for (std::size_t i = 0; i < kSubscriptions; ++i) {
      subscribers.push_back(
          std::make_unique<client::Subscriber>(*reader_session, client::SubscribeOptions{.stream = name(i)}));
      REQUIRE(subscribers.back()->wait_live());
    }
    publisher.emplace(*publisher_session, client::PublisherOptions{});
  }

  void publish(std::size_t subscription, std::size_t bytes) {
    const auto now = static_cast<std::uint64_t>(nanos_since_epoch(clock.now()));
    wire::RecordRunBuilder builder;
    std::memcpy(builder.append_space(bytes).data(), &now, sizeof now);
    publisher->publish({.stream = name(subscription), .records = builder.finish()},
                       [](const Result<client::PublishOutcome>&) {});
  }
  // Of the others than the first.
  std::uint64_t take(telemetry::Histogram* delays) {
    std::uint64_t taken = 0;
    for (std::size_t i = 1; i < kSubscriptions; ++i) {
      while (const auto batch = subscribers[i]->try_next()) {
        const auto now = static_cast<std::uint64_t>(nanos_since_epoch(clock.now()));
        for (const Bytes record : batch->records) {
          std::uint64_t sent = 0;
          std::memcpy(&sent, record.data(), sizeof sent);
          if (delays != nullptr) delays->record(now - sent);
          ++taken;
        }
      }
    }
    return taken;
  }

  io::SystemClock clock;
  std::unique_ptr<io::Loop> loop;
  std::unique_ptr<client::Session> publisher_session;
  std::unique_ptr<client::Session> reader_session;
  std::vector<std::unique_ptr<client::Subscriber>> subscribers;
  std::optional<client::Publisher> publisher;
};

}  // namespace

TEST_CASE("T21 one stalled subscription of fifty on a connection does not delay the others", "[L-09]") {
  test::Verdict verdict("T21 stalled subscription");
  const auto broker = bench::BrokerProcess::start(FELIX_COMMAND, {"--reactors", "1"}).value();
  Sides sides(*broker);
  const Duration round_time = Duration(test::load_time(std::chrono::seconds(8))) / kRounds;
  telemetry::Histogram delays[2];  // [1]: the first one stalls
  std::uint64_t sent = 0, delivered = 0, first_read = 0;
  std::size_t next_reader = 1;
  for (int round = 0; round < kRounds; ++round) {
    const bool stalls = round % 2 == 1;
    const MonoTime began = sides.clock.now();
    for (MonoTime next = began; next < began + round_time; next += kPeriod) {
      const bool settled = next >= began + kSettle;
      sides.loop->run_until(
          [&] {
            while (!stalls && sides.subscribers[0]->try_next()) ++first_read;
            delivered += sides.take(settled ? &delays[stalls] : nullptr);
            return sides.clock.now() >= next;
          },
          next);
      sides.publish(0, kLargeBytes);
      sides.publish(next_reader, sizeof(std::uint64_t));
      next_reader = next_reader % (kSubscriptions - 1) + 1;
      ++sent;
    }
  }
  sides.loop->run_until([&] { return (delivered += sides.take(nullptr)) == sent; },
                        sides.clock.now() + std::chrono::seconds(5));
  const auto p99_us = [&](int kind) { return static_cast<double>(delays[kind].percentile(0.99)) / 1000; };
  const double ratio = p99_us(1) / p99_us(0);
  verdict.figure("n", sent)
      .figure("lost", sent - delivered)
      .figure("p50_us_stalled", static_cast<double>(delays[1].percentile(0.5)) / 1000)
      .figure("p50_us_read", static_cast<double>(delays[0].percentile(0.5)) / 1000)
      .figure("p99_us_stalled", p99_us(1))
      .figure("p99_us_read", p99_us(0))
      .figure("p99_ratio", ratio);
  REQUIRE(verdict.print(delivered == sent && first_read > 0 && ratio <= kAllowed));
}
