#include "bench/sweep_run.h"

#include <algorithm>

#include "bench/knee.h"
#include "bench/pubsub_result.h"
#include "bench/pubsub_run.h"

namespace felix::bench {
namespace {

constexpr unsigned kRefinements = 3;

SweepPoint point_of(const Run& run, const Load& load) {
  SweepPoint point;
  point.offered_per_s = static_cast<double>(load.rate);
  point.delivered_per_s = run.rates.delivered_per_s / static_cast<double>(load.fanout);
  point.p50_ns = run.latency.p50_ns;
  point.p99_ns = run.latency.p99_ns;
  point.p999_ns = run.latency.p999_ns;
  point.samples = run.latency.count;
  point.kept_up = run.verdict.ok &&
                  run.rates.submitted_per_s >= KneeSearch::kMinShare * point.offered_per_s &&
                  point.delivered_per_s >= KneeSearch::kMinShare * point.offered_per_s;
  return point;
}

}  // namespace

Result<Run> run_sweep(Bench& bench, const Load& first, std::uint64_t max_rate) {
  Run sweep = begin_run(bench, "sweep");
  describe(sweep, first);
  Load load = first;
  KneeSearch search(static_cast<double>(first.rate), static_cast<double>(max_rate), kRefinements);
  double good = 0;
  while (const auto rate = search.next()) {
    load.rate = static_cast<std::uint64_t>(*rate);
    FELIX_TRY(Run run, run_pubsub(bench, "sweep", load, false));
    SweepPoint point = point_of(run, load);
    search.add(point);
    sweep.sweep.push_back(point);
    sweep.rates.moved_bytes += run.rates.moved_bytes;
    sweep.rates.window_s += run.rates.window_s;
    sweep.cpu.broker_s += run.cpu.broker_s;
    sweep.cpu.publisher_s += run.cpu.publisher_s;
    sweep.cpu.subscriber_s += run.cpu.subscriber_s;
    if (search.knee_per_s() <= good) continue;
    // The figures of the run are those at the highest load before the knee.
    good = search.knee_per_s();
    sweep.latency = std::move(run.latency);
    sweep.latency_from_send = std::move(run.latency_from_send);
    sweep.ack_latency = std::move(run.ack_latency);
    sweep.clients = std::move(run.clients);
    sweep.counts = run.counts;
    sweep.rates.delivered_per_s = run.rates.delivered_per_s;
    sweep.rates.delivered_mb_per_s = run.rates.delivered_mb_per_s;
    sweep.rates.submitted_per_s = run.rates.submitted_per_s;
    sweep.rates.submitted_mb_per_s = run.rates.submitted_mb_per_s;
    sweep.cpu.broker_us_per_record = run.cpu.broker_us_per_record;
    sweep.cpu.publisher_us_per_record = run.cpu.publisher_us_per_record;
    sweep.cpu.subscriber_us_per_record = run.cpu.subscriber_us_per_record;
  }
  std::ranges::sort(sweep.sweep, {}, &SweepPoint::offered_per_s);
  sweep.knee_per_s = search.knee_per_s();
  if (search.knee_per_s() == 0)
    sweep.verdict = {false, {"the first rate was too much already; begin lower with --rate"}};
  if (!search.passed())
    sweep.notes.push_back("no knee up to " + std::to_string(max_rate) + "/s; go on with --max-rate");
  return sweep;
}

}  // namespace felix::bench
