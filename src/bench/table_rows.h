#pragma once
// The parts a table of runs is made of; the report shows the same ones. Empty when a run has nothing to
// show there. Pure.

#include <string>
#include <utility>
#include <vector>

#include "bench/result.h"
#include "bench/table_group.h"
#include "bench/table_layout.h"

namespace felix::bench {

// What `latency` of this run times: "publish → deliver", "get", "connect".
std::string latency_label(const Run& run);
// True for a run without pace and with much outstanding: its latency is the length of its own queue, no
// property of the broker, and comparing it with the relay would be wrong.
bool is_flood(const Run& run);
// A percentile of `summary`, with "~" when fewer than ten samples lie beyond it.
std::string percentile_text(const LatencySummary& summary, std::uint64_t value_ns, double quantile);
// Percentiles of the group's latencies, of the relay of the floor, and their ratio. `approximate` becomes
// true when a "~" was written.
TextTable latency_rows(const RunGroup& group, bool& approximate);
TextTable sweep_rows(const Run& run);
TextTable floor_rows(const Run& run);
// The values of the floor: first those of floor_names(), in that order, then any other.
std::vector<std::pair<std::string, double>> ordered_floor(const Run& run);
// The subscribers that lost, repeated or reordered something, the worst five.
TextTable loss_rows(const Run& run);
TextTable summary_rows(const std::vector<RunGroup>& groups);

std::string rate_line(const RunGroup& group);
// CPU time a record, in microseconds of one core.
std::string cpu_line(const Run& run);
std::string link_line(const Run& run);
std::string records_line(const Run& run);
std::string deliveries_line(const Run& run);

}  // namespace felix::bench
