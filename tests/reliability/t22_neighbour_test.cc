// T22: somebody who floods the broker does not lose, and hardly delays, what a steady neighbour publishes.
//
// The same flood runs in every round: at the neighbour's broker, or at another one. So that the machine is as
// busy in both, the two brokers share a CPU, and on the other one who floods runs only when nobody else wants
// to.

#include <algorithm>
#include <atomic>
#include <memory>
#include <sched.h>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "bench/broker_process.h"
#include "bench/placement.h"
#include "client/publisher.h"
#include "client/session.h"
#include "client/subscriber.h"
#include "io/clock.h"
#include "io/cpu_count.h"
#include "io/loop.h"
#include "reliability/verdict.h"
#include "telemetry/histogram.h"

using namespace felix;

namespace {

constexpr double kAllowed = 1.5;
constexpr Duration kPeriod = std::chrono::milliseconds(1);  // of the steady neighbour: 1000 records a second
constexpr std::size_t kTimes = 10;                          // the flood is so many times as much
constexpr int kConnections = 4;

wire::RecordRun record_of(std::string_view text) {
  wire::RecordRunBuilder builder;
  builder.append(as_bytes(text));
  return builder.finish();
}

// Records of 1 KB over several connections, every other one without acks.
class Flood {
 public:
  // `unbounded`: as many as the broker takes, rather than kTimes the neighbour's.
  Flood(const io::Clock& clock, const bench::BrokerProcess& broker,
        const std::optional<bench::CpuRange>& cpus, bool unbounded)
      : clock_(clock), thread_([this, &broker, cpus, unbounded] {
          bench::pin_this_thread(cpus);
          const sched_param none{};
          sched_setscheduler(0, SCHED_IDLE, &none);
          run(broker, unbounded);
        }) {}
  ~Flood() {
    over_ = true;
    thread_.join();
  }
  std::uint64_t taken() const { return taken_; }

 private:
  void run(const bench::BrokerProcess& broker, bool unbounded) {
    const auto loop = io::Loop::create(clock_).value();
    std::vector<std::unique_ptr<client::Session>> sessions;
    std::vector<std::unique_ptr<client::Publisher>> publishers;
    for (int i = 0; i < kConnections; ++i) {
      sessions.push_back(client::Session::create(*loop, broker.client_options()).value());
      if (!sessions.back()->connect()) return;
      publishers.push_back(std::make_unique<client::Publisher>(*sessions.back(), client::PublisherOptions{}));
    }
    const wire::RecordRun record = record_of(std::string(1024, 'f'));
    const MonoTime began = clock_.now();
    std::uint64_t sent = 0;
    while (!over_) {
      const auto due = static_cast<std::uint64_t>((clock_.now() - began) / kPeriod) * kTimes;
      std::size_t taken = 0;
      for (std::size_t i = 0; i < publishers.size(); ++i) {
        for (int k = 0; k < 16 && publishers[i]->wants_more() && (unbounded || sent < due); ++k) {
          client::PublishRequest request;
          request.stream = "flooded" + std::to_string(i);
          request.records = record;
          request.ack = i % 2 == 0 ? client::AckMode::per_batch : client::AckMode::none;
          publishers[i]->publish(std::move(request), [this](Result<client::PublishOutcome> outcome) {
            if (outcome) ++taken_;
          });
          ++sent;
          ++taken;
        }
      }
      loop->turn(clock_.now() + (taken > 0 ? Duration(0) : Duration(std::chrono::microseconds(500))));
    }
    publishers.clear();
    for (auto& session : sessions) session->close();
  }

  const io::Clock& clock_;
  std::atomic<bool> over_{false};
  std::atomic<std::uint64_t> taken_{0};
  std::thread thread_;
};

struct Steady {
  telemetry::Histogram delivery;  // ns from published to delivered
  std::uint64_t sent = 0;
  std::uint64_t delivered = 0;
  std::uint64_t acked = 0;
};

// One record a millisecond for `time`, and how long each took to the subscriber.
void publish_steadily(const io::Clock& clock, const bench::BrokerProcess& broker, Duration time,
                      Steady& steady) {
  const auto loop = io::Loop::create(clock).value();
  auto writer = client::Session::create(*loop, broker.client_options()).value();
  auto reader = client::Session::create(*loop, broker.client_options()).value();
  REQUIRE(writer->connect());
  REQUIRE(reader->connect());
  client::Subscriber subscriber(*reader, {.stream = "steady"});
  REQUIRE(subscriber.wait_live(clock.now() + std::chrono::seconds(10)));
  client::Publisher publisher(*writer, {});
  std::uint64_t sent = 0, delivered = 0;
  const auto take = [&] {
    while (auto batch = subscriber.try_next()) {
      const MonoTime now = clock.now();
      for (const Bytes record : batch->records) {
        ++delivered;
        const MonoTime at =
            MonoTime(Duration(static_cast<Duration::rep>(load_be<std::uint64_t>(record.data()))));
        steady.delivery.record(static_cast<std::uint64_t>((now - at).count()));
      }
    }
  };
  const MonoTime began = clock.now();
  const auto rounds = static_cast<std::uint64_t>(time / kPeriod);
  for (std::uint64_t i = 0; i < rounds; ++i) {
    const MonoTime due = began + kPeriod * static_cast<Duration::rep>(i);
    loop->run_until(
        [&] {
          take();
          return clock.now() >= due;
        },
        due);
    std::string record(256, 's');
    // When it was due: a publisher that comes late must not hide it.
    store_be(reinterpret_cast<std::byte*>(record.data()),
             static_cast<std::uint64_t>(due.time_since_epoch().count()));
    client::PublishRequest request;
    request.stream = "steady";
    request.records = record_of(record);
    publisher.publish(std::move(request),
                      [&](Result<client::PublishOutcome> outcome) { steady.acked += outcome.has_value(); });
    ++sent;
  }
  loop->run_until(
      [&] {
        take();
        return delivered == sent && publisher.pending() == 0;
      },
      clock.now() + std::chrono::seconds(10));
  steady.sent += sent;
  steady.delivered += delivered;
  writer->close();
  reader->close();
}

double microseconds(std::uint64_t ns) { return static_cast<double>(ns) / 1000.0; }

}  // namespace

TEST_CASE("T22 a flooding neighbour costs a steady publisher nothing and delays it little") {
  test::Verdict verdict("T22 neighbours");
  const io::SystemClock clock;
  // The brokers on one, their clients on another.
  const bool pinned = io::usable_cpus() >= 2;
  const std::optional<bench::CpuRange> first = pinned ? std::optional(bench::CpuRange{0, 0}) : std::nullopt;
  const std::optional<bench::CpuRange> second = pinned ? std::optional(bench::CpuRange{1, 1}) : std::nullopt;
  const auto broker = bench::BrokerProcess::start(FELIX_COMMAND, {"--reactors", "1"}, first).value();
  const auto other = bench::BrokerProcess::start(FELIX_COMMAND, {"--reactors", "1"}, first).value();

  const Duration time = Duration(test::load_time(std::chrono::seconds(9))) / 9;
  // [0]: the flood is elsewhere; [1]: ten times the steady rate, here; [2]: all it can, here.
  Steady steady[3];
  std::uint64_t flooded[3] = {};
  std::thread client([&] {
    bench::pin_this_thread(second);
    for (int round = 0; round < 3; ++round) {
      for (int kind = 0; kind < 3; ++kind) {
        Flood flood(clock, kind == 0 ? *other : *broker, second, kind == 2);
        publish_steadily(clock, *broker, time, steady[kind]);
        flooded[kind] += flood.taken();
      }
    }
  });
  client.join();

  const auto p99 = [&](int kind) { return microseconds(steady[kind].delivery.percentile(0.99)); };
  std::uint64_t sent = 0, delivered = 0, acked = 0;
  for (const Steady& one : steady) {
    sent += one.sent;
    delivered += one.delivered;
    acked += one.acked;
  }
  const double ratio = p99(1) / p99(0);
  verdict.figure("n", sent)
      .figure("ok", acked)
      .figure("lost", sent - delivered)
      .figure("p50_us", microseconds(steady[1].delivery.percentile(0.5)))
      .figure("p99_us", p99(1))
      .figure("p99_us_flood_elsewhere", p99(0))
      .figure("p99_ratio", ratio)
      .figure("flood_records", flooded[1])
      .figure("p99_us_unbounded", p99(2))
      .figure("p99_ratio_unbounded", p99(2) / p99(0))
      .figure("flood_records_unbounded", flooded[2]);
  REQUIRE(verdict.print(delivered == sent && acked == sent && flooded[1] > 0 && ratio <= kAllowed));
}
