#include "bench/relay_ratio.h"

#include <string>

#include "bench/worst_subscriber.h"

namespace felix::bench {
namespace {

// Nanoseconds of a percentile, and what the relay took for it.
struct Pair {
  double run;
  double relay;
};

std::optional<Pair> pair_of(const Run& run, std::uint64_t LatencySummary::* percentile) {
  if (run.relay.count == 0 || run.latency_from_send.count == 0 || run.relay.*percentile == 0)
    return std::nullopt;
  const LatencySummary held =
      worst_subscriber(run, &ClientResult::latency_from_send).value_or(run.latency_from_send);
  return Pair{static_cast<double>(held.*percentile), static_cast<double>(run.relay.*percentile)};
}

std::optional<Spread> ratio_of(const std::vector<const Run*>& trials,
                               std::uint64_t LatencySummary::* percentile) {
  std::vector<double> runs;
  std::vector<double> relays;
  std::vector<double> ratios;
  for (const Run* run : trials) {
    const auto pair = pair_of(*run, percentile);
    if (!pair) return std::nullopt;
    runs.push_back(pair->run);
    relays.push_back(pair->relay);
    ratios.push_back(pair->run / pair->relay);
  }
  if (ratios.empty()) return std::nullopt;
  Spread made = spread(ratios);
  made.median = median(runs) / median(relays);
  return made;
}

}  // namespace

void note_relay_ratio(Run& run) {
  const auto ratio = relay_ratio({&run});
  if (!ratio) return;
  run.figures[std::string(kRelayP50Ratio)] = ratio->p50.median;
  run.figures[std::string(kRelayP99Ratio)] = ratio->p99.median;
}

std::optional<RelayRatio> relay_ratio(const std::vector<const Run*>& trials) {
  const auto p50 = ratio_of(trials, &LatencySummary::p50_ns);
  const auto p99 = ratio_of(trials, &LatencySummary::p99_ns);
  if (!p50 || !p99) return std::nullopt;
  return RelayRatio{*p50, *p99};
}

}  // namespace felix::bench
