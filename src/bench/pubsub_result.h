#pragma once
// From what the clients of a run tell to its result.

#include <string>
#include <vector>

#include "bench/crew.h"
#include "bench/load.h"
#include "bench/result.h"
#include "bench/scoreboard.h"

namespace felix::bench {

// "latency, 256 B, fan-out 10"
std::string title_of(const std::string& shape, const Load& load);
// Deliveries of all subscribers together, percentiles of the worst one; intervals that all have completed.
std::vector<TimelinePoint> merged_timeline(const Scoreboard& scoreboard);
// Fills Run::parameters.
void describe(Run& run, const Load& load);
// Fills the figures. `broker_s`: its CPU seconds, 0 when not known. The crew has ended.
void collect(Run& run, const Load& load, const Scoreboard& scoreboard, const Crew& crew, double broker_s);
// Fills the verdict and the notes.
void judge(Run& run, const Load& load, bool allow_loss);

}  // namespace felix::bench
