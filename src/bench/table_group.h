#pragma once
// Runs of the same shape with the same parameters are trials of one thing. Pure.

#include <functional>
#include <string>
#include <vector>

#include "bench/result.h"

namespace felix::bench {

// Points into the runs it was made of.
struct RunGroup {
  std::vector<const Run*> trials;  // at least one, in the order of the runs

  const Run& first() const { return *trials.front(); }
  // A figure of every trial.
  std::vector<double> each(const std::function<double(const Run&)>& figure) const;
  // The trial whose p50 (without latency: whose delivered rate) is the median one.
  const Run& middle() const;
};

// In the order in which the groups first appear.
std::vector<RunGroup> group_trials(const std::vector<Run>& runs);

// Equal for runs that may be compared: shape and what was asked for, but not the seed, the length of the
// run or who started the broker.
std::string comparison_key(const Run& run);

// "latency · 256 B · fan-out 10 · open loop at 1,000/s · ack per message · binary".
std::string title_of(const Run& run);
// For each group the parts of its title that tell it from the others, at least one.
std::vector<std::string> short_titles(const std::vector<RunGroup>& groups);

}  // namespace felix::bench
