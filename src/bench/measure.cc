#include "bench/measure.h"

#include "bench/cache_run.h"
#include "bench/connect_run.h"
#include "bench/pubsub_run.h"
#include "bench/sweep_run.h"

namespace felix::bench {
namespace {

constexpr std::uint64_t kDefaultMaxRate = 1'000'000;
// What one connection has under way when nobody counts.
constexpr std::uint64_t kPipelined = 1024;

using Measurement = std::function<Result<Run>()>;

std::vector<Measurement> cache_measurements(Bench& bench, const Request& request) {
  std::vector<Measurement> all;
  CacheLoad load;
  load.cache = request.cache;
  load.payload_bytes = request.payload_bytes.value_or(load.payload_bytes);
  load.clients = request.publishers.value_or(load.clients);
  load.warmup = request.warmup.value_or(load.warmup);
  load.duration = request.duration.value_or(load.duration);
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
    load.warmup = request.warmup.value_or(load.warmup);
    load.duration = request.duration.value_or(load.duration);
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
      all.push_back(
          [&bench, load, shape = std::string(to_string(request.shape)), request_loss = request.allow_loss] {
            return run_pubsub(bench, shape, load, request_loss);
          });
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
