#pragma once
// Two saved results, run by run: which figures moved, by how much, and whether the trials are evidence for
// it. Pure.

#include <string>
#include <vector>

#include "bench/result.h"
#include "bench/sparkline.h"
#include "bench/statistics.h"

namespace felix::bench {

enum class Change {
  faster,
  slower,
  no_evidence,     // chance alone moves figures as far as this in more than one of twenty comparisons
  too_few_trials,  // no figures at all could be evidence: run more trials
};

struct FigureComparison {
  std::string name;  // with its unit last: "p99_ns", "delivered_per_s"
  bool lower_is_better = true;
  Spread before;
  Spread after;
  double ratio = 1;  // of the medians, after to before; 1 when before is 0
  RankTest test;
  Change change = Change::no_evidence;
};

struct RunComparison {
  std::string title;
  std::size_t trials_before = 0;
  std::size_t trials_after = 0;
  std::vector<FigureComparison> figures;
};

struct Comparison {
  std::vector<RunComparison> runs;  // in both files: same shape, same parameters
  std::vector<std::string> only_before;
  std::vector<std::string> only_after;
  std::vector<std::string> warnings;  // what makes the comparison doubtful: other machines, failed runs
};

// A figure's trials are compared with each other by the two-sided Mann–Whitney test at kSignificance. Failed
// runs are left out, with a warning.
Comparison compare_runs(const std::vector<Run>& before, const std::vector<Run>& after);

// Lines of at most 100 columns.
std::string render_comparison(const Comparison& comparison, Glyphs glyphs = Glyphs::unicode);

// True when some figure is `slower` and its median worse by more than `percent`: for --fail-if-slower.
bool slower_by_more_than(const Comparison& comparison, double percent);

}  // namespace felix::bench
