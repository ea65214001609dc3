#pragma once
// The subscriber nobody wants to be. Pure.

#include <optional>

#include "bench/result.h"

namespace felix::bench {

// Each percentile the worst that any subscriber has (they need not be the same one); count is the fewest
// samples of one. No curve. Absent when fewer than two subscribers were timed.
std::optional<LatencySummary> worst_subscriber(const Run& run, LatencySummary ClientResult::* which);

}  // namespace felix::bench
