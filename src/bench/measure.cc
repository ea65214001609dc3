#include "bench/measure.h"

#include <algorithm>

#include "bench/cache_run.h"
#include "bench/connect_run.h"
#include "bench/pubsub_run.h"
#include "bench/relay.h"
#include "bench/relay_ratio.h"
#include "bench/sweep_run.h"

namespace felix::bench {
namespace {

constexpr std::uint64_t kDefaultMaxRate = 1'000'000;
// What one connection has under way when nobody counts.
constexpr std::uint64_t kPipelined = 1024;
constexpr Duration kRelayTick = std::chrono::milliseconds(250);

using Measurement = std::function<Result<Run>()>;

// As long as the run itself, so that both see as much of what else the machine does.
Result<LatencySummary> relay_beside(Bench& bench, const Load& load) {
  RelayLoad relay;
  relay.payload_bytes = std::min(load.payload_bytes, kMaxRelayPayload);
  relay.rate = load.rate;
  relay.warmup = load.warmup;
  relay.duration = load.duration;
  relay.placement = load.placement;
  relay.processes = load.processes;
  Progress progress;
  progress.what =
      "raw UDP relay, " + std::to_string(relay.payload_bytes) + " B, " + std::to_string(relay.rate) + "/s";
  progress.total_s = std::chrono::duration<double>(load.duration).count();
  const MonoTime measure = bench.loop.clock().now() + load.warmup;
  return run_relay(relay, [&] {
    const MonoTime now = bench.loop.clock().now();
    progress.elapsed_s = std::chrono::duration<double>(now - measure).count();
    if (bench.on_progress) bench.on_progress(progress);
    bench.loop.run_until([] { return false; }, std::min(now + kRelayTick, measure + load.duration));
    return !bench.loop.stopping();
  });
}

Result<Run> pubsub(Bench& bench, const std::string& shape, const Load& load, bool allow_loss) {
  if (!load.relay || load.pace != Pace::open) return run_pubsub(bench, shape, load, allow_loss);
  FELIX_TRY(LatencySummary relay, relay_beside(bench, load));
  FELIX_TRY(Run run, run_pubsub(bench, shape, load, allow_loss));
  run.relay = std::move(relay);
  note_relay_ratio(run);
  if (load.payload_bytes > kMaxRelayPayload)
    run.notes.push_back("the relay's datagrams held " + std::to_string(kMaxRelayPayload) +
                        " bytes, the most they can");
  return run;
}

RequestLoad shared_by_requests(const Request& request, RequestLoad load) {
  load.clients = request.publishers.value_or(load.clients);
  load.processes = request.processes;
  load.placement = request.placement;
  load.warmup = request.warmup.value_or(load.warmup);
  load.duration = request.duration.value_or(load.duration);
  return load;
}

std::vector<Measurement> cache_measurements(Bench& bench, const Request& request) {
  std::vector<Measurement> all;
  CacheLoad load;
  load.cache = request.cache;
  load.json = request.json;
  load.payload_bytes = request.payload_bytes.value_or(load.payload_bytes);
  load.run = shared_by_requests(request, load.run);
  load.seed = request.seed;
  std::vector<std::uint64_t> depths{1, 50, kPipelined};
  if (request.in_flight) depths = {*request.in_flight};
  for (const bool put : {false, true}) {
    if (request.put && *request.put != put) continue;
    for (const std::uint64_t depth : depths) {
      load.put = put;
      load.in_flight = depth;
      all.push_back([&bench, load] { return run_cache(bench, load); });
    }
  }
  return all;
}

Result<std::vector<Measurement>> measurements(Bench& bench, const Request& request) {
  if (request.shape == Shape::cache) return cache_measurements(bench, request);
  if (request.shape == Shape::connect) {
    ConnectLoad load;
    load.idle = request.connections.value_or(load.idle);
    load.in_flight = request.in_flight.value_or(load.in_flight);
    load.run = shared_by_requests(request, load.run);
    return std::vector<Measurement>{[&bench, load] { return run_connect(bench, load); }};
  }
  FELIX_TRY(const std::vector<Load> loads, make_loads(request));
  std::vector<Measurement> all;
  for (const Load& load : loads) {
    if (request.shape == Shape::sweep) {
      all.push_back([&bench, load, max = request.max_rate.value_or(kDefaultMaxRate)] {
        return run_sweep(bench, load, max);
      });
    } else {
      all.push_back([&bench, load, shape = std::string(to_string(request.shape)),
                     request_loss = request.allow_loss] { return pubsub(bench, shape, load, request_loss); });
    }
  }
  return all;
}

}  // namespace

Result<std::vector<Run>> measure(Bench& bench, const Request& request,
                                 const std::function<void(const Run&)>& on_run) {
  FELIX_TRY(const std::vector<Measurement> all, measurements(bench, request));
  std::vector<Run> runs;
  for (std::uint64_t trial = 1; trial <= request.trials; ++trial) {
    for (const Measurement& measurement : all) {
      FELIX_TRY(Run run, measurement());
      run.trial = trial;
      if (request.original) {
        run.parameters.profile = "original";
        run.notes.emplace_back(
            "payload counts the 16-byte stamp; queues are the product's, not block, so a flood is bounded by "
            "what was delivered");
      }
      runs.push_back(std::move(run));
      if (on_run) on_run(runs.back());
    }
  }
  return runs;
}

}  // namespace felix::bench
