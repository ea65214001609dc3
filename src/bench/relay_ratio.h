#pragma once
// A run's latency as a multiple of the raw relay that was taken just before it: from the actual sending, as
// the relay is timed, to the worst subscriber. Pure.

#include <optional>
#include <string_view>
#include <vector>

#include "bench/result.h"
#include "bench/statistics.h"

namespace felix::bench {

// Names of Run::figures.
inline constexpr std::string_view kRelayP50Ratio = "p50_relay_ratio";
inline constexpr std::string_view kRelayP99Ratio = "p99_relay_ratio";

// Writes both ratios to run.figures; nothing without a relay.
void note_relay_ratio(Run& run);

// Over trials: the median of what the runs took over the median of what their relays took, so that a relay
// that was lucky once decides nothing; lowest and highest of the trials' own ratios. Absent unless every
// trial has a relay.
struct RelayRatio {
  Spread p50;
  Spread p99;
};
std::optional<RelayRatio> relay_ratio(const std::vector<const Run*>& trials);

}  // namespace felix::bench
