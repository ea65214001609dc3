#pragma once
// The plots of the report, each a figure element of HTML. Empty when the runs hold nothing to plot. Pure.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "bench/result.h"
#include "bench/table_group.h"

namespace felix::bench {

// As many groups as colours; a report plots more in further figures.
inline constexpr std::size_t kSeriesOfAPlot = 5;

// Latency over the percentile, both logarithmic, a curve for each of at most kSeriesOfAPlot groups; other
// trials as thin lines, the raw relay of the floor as diamonds.
std::string percentile_curves(std::span<const RunGroup> groups, std::span<const std::string> titles);
// Latency against the delivered rate.
std::string latency_against_load(const Run& sweep);
// The latency of each interval of a run; `title` tells it from other runs.
std::string latency_over_time(const Run& run, const std::string& title);
// A bar a group, with its trials' spread.
std::string delivered_rates(std::span<const RunGroup> groups, std::span<const std::string> titles);
// A bar a target, from it to what was measured, and the same as a table.
std::string target_bars(const Run& run);
std::string target_list(const Run& run);
// CPU time a record of broker, publisher and subscriber, on top of each other.
std::string cpu_per_record(std::span<const RunGroup> groups, std::span<const std::string> titles);

}  // namespace felix::bench
