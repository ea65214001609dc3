#include "bench/plan.h"

#include <algorithm>

#include "base/contract.h"
#include "bench/pubsub_run.h"
#include "bench/stamp.h"

namespace felix::bench {
namespace {

// As `felix pub` batches.
constexpr std::uint64_t kBatchRecords = 512;
constexpr std::uint64_t kBatchBytes = 256u << 10;
constexpr std::uint64_t kDefaultFanout = 10;
constexpr std::uint64_t kMaxFanout = 4096;
constexpr Duration kSweepStep = std::chrono::seconds(3);

std::uint64_t product_batch(std::uint64_t payload_bytes) {
  return std::clamp<std::uint64_t>(kBatchBytes / (payload_bytes + wire::kRecordLengthBytes), 1,
                                   kBatchRecords);
}

Load common(const Request& request) {
  Load load;
  load.stream = request.stream;
  load.payload_bytes = request.payload_bytes.value_or(load.payload_bytes);
  load.fanout = request.fanout.value_or(1);
  load.publishers = request.publishers.value_or(1);
  load.rate = request.rate.value_or(load.rate);
  load.ack = request.ack.value_or(load.ack);
  load.json = request.json;
  load.warmup = request.warmup.value_or(load.warmup);
  load.duration = request.duration.value_or(request.shape == Shape::sweep ? kSweepStep : load.duration);
  load.records = request.records.value_or(0);
  load.seed = request.seed;
  load.processes = request.processes;
  load.placement = request.placement;
  load.relay = request.relay;
  if (request.queue_capacity) load.queue_capacity = static_cast<std::uint32_t>(*request.queue_capacity);
  return load;
}

Load paced(const Request& request) {
  Load load = common(request);
  load.batch = request.batch.value_or(1);
  load.pace = request.closed ? Pace::closed : Pace::open;
  load.in_flight = request.closed ? request.in_flight.value_or(1) : 0;
  return load;
}

Load flood(const Request& request) {
  Load load = common(request);
  load.pace = Pace::flood;
  load.payload_bytes = request.payload_bytes.value_or(1024);
  load.batch = request.batch.value_or(product_batch(load.payload_bytes));
  load.in_flight = request.in_flight.value_or(default_flood_window(load.payload_bytes, load.batch));
  return load;
}

// Its stamp comes before the payload; batch 1 is acknowledged JSON with one in flight, batch 64 is binary and
// not acknowledged; fan-outs 1 and 10.
std::vector<Load> original(const Request& request) {
  std::vector<Load> loads;
  const bool batched = request.shape == Shape::throughput;
  for (const std::uint64_t fanout : {1, 10}) {
    for (const std::uint64_t payload_bytes : {0, 256, 1024, 4096}) {
      Request shaped = request;
      shaped.payload_bytes = payload_bytes + kStampBytes;
      shaped.fanout = fanout;
      shaped.batch = batched ? 64 : 1;
      shaped.closed = !batched;
      shaped.json = !batched;
      shaped.ack = batched ? client::AckMode::none : client::AckMode::per_message;
      loads.push_back(batched ? flood(shaped) : paced(shaped));
    }
  }
  return loads;
}

Status check(const Load& load) {
  if (load.payload_bytes < kStampBytes)
    return fail(Errc::usage, "--payload " + std::to_string(load.payload_bytes) +
                                 " is too small; a record begins with a stamp of 16 bytes");
  if (load.publishers < 1 || load.publishers > kMaxPublishers)
    return fail(Errc::usage, "--publishers wants a number from 1 to " + std::to_string(kMaxPublishers));
  if (load.fanout < 1 || load.fanout > kMaxFanout)
    return fail(Errc::usage, "--fanout wants a number from 1 to " + std::to_string(kMaxFanout));
  if (load.ack == client::AckMode::per_message && load.batch != 1)
    return fail(Errc::usage,
                "--ack per_message sends every record alone; leave --batch out, or use --ack per_batch");
  if (load.pace == Pace::flood && load.in_flight < load.batch)
    return fail(Errc::usage, "--in-flight " + std::to_string(load.in_flight) + " holds no batch of " +
                                 std::to_string(load.batch) + " records; raise it or lower --batch");
  return {};
}

}  // namespace

std::string_view to_string(Shape shape) {
  switch (shape) {
    case Shape::latency:
      return "latency";
    case Shape::throughput:
      return "throughput";
    case Shape::fanout:
      return "fanout";
    case Shape::cache:
      return "cache";
    case Shape::connect:
      return "connect";
    case Shape::sweep:
      return "sweep";
  }
  FELIX_ASSERT(false);
}

Result<std::vector<Load>> make_loads(const Request& request) {
  std::vector<Load> loads;
  const bool pubsub = request.shape != Shape::cache && request.shape != Shape::connect;
  if (!pubsub && !request.original) return loads;
  if (request.original) {
    if (request.shape != Shape::latency && request.shape != Shape::throughput)
      return fail(Errc::usage, "--profile original is of latency (batch 1) and throughput (batch 64)");
    loads = original(request);
  } else if (request.shape == Shape::fanout) {
    Request wide = request;
    wide.fanout = request.fanout.value_or(kDefaultFanout);
    loads.push_back(paced(wide));
    // A rate that was asked for is the whole question.
    if (!request.rate && !request.closed) loads.push_back(flood(wide));
  } else if (request.shape == Shape::throughput) {
    loads.push_back(flood(request));
  } else {
    loads.push_back(paced(request));
  }
  for (const Load& load : loads) FELIX_CHECK(check(load));
  return loads;
}

}  // namespace felix::bench
