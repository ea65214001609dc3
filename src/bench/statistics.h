#pragma once
// The few statistics that a comparison of two runs needs. Pure. Trials of a benchmark are few, skewed and
// have outliers, so everything here works on ranks: no mean, no assumption of a normal distribution.

#include <cstddef>
#include <span>

namespace felix::bench {

// The middle value, or the mean of the two middle ones. Asserts that there is one.
double median(std::span<const double> values);

// Median, lowest and highest of the trials. Asserts that there is one.
struct Spread {
  double median = 0;
  double lowest = 0;
  double highest = 0;
};
Spread spread(std::span<const double> values);

// The two-sided Mann–Whitney U test: how often would two samples of the same distribution lie as far apart
// in rank as these do?
struct RankTest {
  double u = 0;        // pairs (a, b) with a > b; a tie counts half
  double p = 1;        // probability; 1 when either sample is empty
  double least_p = 1;  // the smallest p that samples of these sizes can reach at all
  bool exact = true;   // false: normal approximation with tie correction
};

// Exact up to 40 values together (the permutation distribution of the observed ranks, so ties are exact
// too), approximated above. Costs at most some 10^5 additions.
RankTest mann_whitney(std::span<const double> a, std::span<const double> b);

// Chance to call two equal samples different that a comparison accepts.
inline constexpr double kSignificance = 0.05;

}  // namespace felix::bench
