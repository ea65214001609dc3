// Each shape once, short, against a broker of this process. They count and never judge a time.

#include <catch2/catch_test_macros.hpp>

#include "bench/measure.h"
#include "bench/pubsub_result.h"
#include "bench/pubsub_run.h"
#include "broker/running_broker.h"

namespace felix::bench {
namespace {

constexpr Duration kWarmup = std::chrono::milliseconds(20);
constexpr Duration kDuration = std::chrono::milliseconds(150);

struct Bed {
  test::RunningBroker broker{1};
  std::unique_ptr<io::Loop> loop = *io::Loop::create(broker.clock());
  Bench bench{.loop = *loop, .options = broker.client_options(), .environment = {}, .on_progress = {}};

  std::vector<Run> measure(Request request) {
    request.warmup = kWarmup;
    if (!request.duration) request.duration = kDuration;
    auto runs = bench::measure(bench, request, {});
    if (!runs) FAIL(to_string(runs.error()));
    return std::move(*runs);
  }
};

void check_nothing_amiss(const Run& run) {
  INFO(run.verdict.reasons.size() << (run.verdict.reasons.empty() ? "" : run.verdict.reasons[0]));
  CHECK(run.verdict.ok);
  CHECK(run.counts.published > 0);
  CHECK(run.counts.delivered == run.counts.expected);
  CHECK(run.counts.expected == run.counts.published * run.parameters.fanout);
  CHECK(run.counts.lost + run.counts.duplicated + run.counts.reordered + run.counts.failed == 0);
}

TEST_CASE("latency times every record at every subscriber, from when it was due") {
  Bed bed;
  Request request;
  request.fanout = 3;
  request.publishers = 2;
  request.rate = 2000;
  const auto runs = bed.measure(request);
  REQUIRE(runs.size() == 1);
  const Run& run = runs[0];
  check_nothing_amiss(run);
  CHECK(run.latency.count == run.counts.delivered);
  CHECK(run.latency_from_send.count == run.counts.delivered);
  // No sleep ends before its time.
  CHECK(run.latency.mean_ns > run.latency_from_send.mean_ns);
  CHECK(run.ack_latency.count == run.counts.acked);
  CHECK(run.clients.size() == 3);
  for (const ClientResult& client : run.clients) CHECK(client.received == run.counts.published);
}

TEST_CASE("a paced run can have the raw relay beside it, with its own rate and payload") {
  Bed bed;
  Request request;
  request.rate = 500;
  request.relay = true;
  request.fanout = 2;
  const Run run = bed.measure(request).at(0);
  check_nothing_amiss(run);
  CHECK(run.relay.count > 0);
  CHECK(run.relay.count <= 75);
  CHECK(run.figures.contains("p50_relay_ratio"));
  CHECK(run.clients.at(1).latency_from_send.count == run.clients.at(1).received);
}

TEST_CASE("a closed loop with a JSON publisher counts every answer") {
  Bed bed;
  Request request;
  request.closed = true;
  request.json = true;
  const Run run = bed.measure(request).at(0);
  check_nothing_amiss(run);
  CHECK(run.parameters.encoding == "json");
  CHECK(run.counts.acked == run.counts.published);
}

TEST_CASE("a flood by several publishers is lossless, and says when it was too small") {
  Bed bed;
  Request request;
  request.shape = Shape::throughput;
  request.fanout = 2;
  request.publishers = 2;
  request.records = 20'000;
  const Run run = bed.measure(request).at(0);
  check_nothing_amiss(run);
  CHECK(run.rates.moved_bytes == run.counts.published * 1024);
  CHECK(run.rates.moved_bytes < kMinMovedBytes);
  bool said = false;
  for (const std::string& flag : run.verdict.flags) said = said || flag.starts_with("too small");
  CHECK(said);
}

TEST_CASE("a flood never has more under way than its credit, so that a queue of twice that drops nothing") {
  Bed bed;
  Request request;
  request.shape = Shape::throughput;
  request.payload_bytes = 64;
  request.batch = 1;
  request.ack = client::AckMode::none;
  request.in_flight = 8;
  request.queue_capacity = 16;
  request.fanout = 2;
  check_nothing_amiss(bed.measure(request).at(0));
}

TEST_CASE("a flood over what the queues hold loses records, and fails for it") {
  Bed bed;
  Request request;
  request.shape = Shape::throughput;
  request.payload_bytes = 16;
  request.batch = 1;
  request.ack = client::AckMode::none;
  request.in_flight = 1'000'000;
  request.queue_capacity = 1;
  request.fanout = 4;
  const Run run = bed.measure(request).at(0);
  CHECK(run.counts.lost > 0);
  CHECK_FALSE(run.verdict.ok);
  CHECK(run.counts.lost >= run.counts.expected - run.counts.delivered);
}

TEST_CASE("a loss fails the run unless it is allowed, and what came twice fails it anyway") {
  Run lossy;
  lossy.counts.delivered = 7;
  lossy.counts.lost = 3;
  Run allowed = lossy;
  judge(lossy, {}, false);
  CHECK_FALSE(lossy.verdict.ok);
  judge(allowed, {}, true);
  CHECK(allowed.verdict.ok);
  Run twice = allowed;
  twice.counts.duplicated = 1;
  judge(twice, {}, true);
  CHECK_FALSE(twice.verdict.ok);
}

TEST_CASE("fanout measures paced, then flooded") {
  Bed bed;
  Request request;
  request.shape = Shape::fanout;
  request.fanout = 4;
  const auto runs = bed.measure(request);
  REQUIRE(runs.size() == 2);
  for (const Run& run : runs) check_nothing_amiss(run);
  CHECK(runs[0].parameters.rate == 1000);
  CHECK(runs[1].rates.send_window_bytes > 0);
}

TEST_CASE("cache answers as many requests as are in flight, gets and puts, for each trial") {
  Bed bed;
  Request request;
  request.shape = Shape::cache;
  request.in_flight = 8;
  request.trials = 2;
  const auto runs = bed.measure(request);
  REQUIRE(runs.size() == 4);
  for (const Run& run : runs) {
    CHECK(run.verdict.ok);
    CHECK(run.latency.count == run.counts.acked);
    CHECK(run.counts.acked > 0);
  }
  CHECK(runs[3].trial == 2);
  CHECK(runs[3].parameters.operation == "put");
}

TEST_CASE("connect counts connections that the broker accepted") {
  Bed bed;
  Request request;
  request.shape = Shape::connect;
  request.in_flight = 2;
  const Run run = bed.measure(request).at(0);
  CHECK(run.verdict.ok);
  CHECK(run.counts.acked > 0);
  CHECK(run.figures.at("connects_per_s") > 0);
  CHECK_FALSE(run.figures.contains("idle_connection_bytes"));
}

TEST_CASE("sweep measures rising rates and ends") {
  Bed bed;
  Request request;
  request.shape = Shape::sweep;
  request.rate = 1000;
  request.max_rate = 2000;
  const Run run = bed.measure(request).at(0);
  CHECK(run.sweep.size() >= 2);
  CHECK(run.sweep[0].samples > 0);
  CHECK(run.sweep[0].offered_per_s < run.sweep[1].offered_per_s);
}

TEST_CASE("a wrong token is one clear error, whatever the shape") {
  Bed bed;
  bed.bench.options.token = "not-a-token";
  for (const Shape shape : {Shape::latency, Shape::cache}) {
    Request request;
    request.shape = shape;
    const auto runs = measure(bed.bench, request, {});
    REQUIRE_FALSE(runs);
    CHECK(runs.error().code == Errc::unauthenticated);
  }
}

TEST_CASE("loads that contradict themselves are refused") {
  Request request;
  request.payload_bytes = 8;
  CHECK(make_loads(request).error().code == Errc::usage);
  request = {};
  request.ack = client::AckMode::per_message;
  request.batch = 2;
  CHECK(make_loads(request).error().code == Errc::usage);
  request = {};
  request.shape = Shape::throughput;
  request.in_flight = 1;
  CHECK(make_loads(request).error().code == Errc::usage);
  request = {};
  request.original = true;
  CHECK(make_loads(request)->size() == 8);
  request.shape = Shape::cache;
  CHECK(make_loads(request).error().code == Errc::usage);
}

}  // namespace
}  // namespace felix::bench
