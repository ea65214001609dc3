#include "bench/statistics.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "base/contract.h"

namespace felix::bench {
namespace {

constexpr std::size_t kExactValues = 40;  // C(40, 20) = 1.4e11: every count is exact in a double

// Twice the rank of each value of both samples (mid-ranks of ties become whole numbers), a's first.
struct Ranks {
  std::vector<std::uint32_t> doubled;
  double tie_term = 0;  // sum of t³ − t over groups of equal values
};

Ranks rank_both(std::span<const double> a, std::span<const double> b) {
  std::vector<double> values(a.begin(), a.end());
  values.insert(values.end(), b.begin(), b.end());
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](auto x, auto y) { return values[x] < values[y]; });

  Ranks ranks{std::vector<std::uint32_t>(values.size()), 0};
  for (std::size_t first = 0; first < order.size();) {
    std::size_t end = first + 1;
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    for (std::size_t at = first; at < end; ++at) {
      ranks.doubled[order[at]] = static_cast<std::uint32_t>(first + 1 + end);
    }
    const double ties = static_cast<double>(end - first);
    ranks.tie_term += ties * ties * ties - ties;
    first = end;
  }
  return ranks;
}

// In how many ways can `chosen` of the ranks add up to each sum?
std::vector<double> count_rank_sums(const std::vector<std::uint32_t>& doubled, std::size_t chosen) {
  const std::size_t most = std::accumulate(doubled.begin(), doubled.end(), std::size_t{0});
  std::vector<std::vector<double>> ways(chosen + 1, std::vector<double>(most + 1, 0.0));
  ways[0][0] = 1;
  for (const std::uint32_t rank : doubled) {
    for (std::size_t picked = chosen; picked > 0; --picked) {
      for (std::size_t sum = rank; sum <= most; ++sum) ways[picked][sum] += ways[picked - 1][sum - rank];
    }
  }
  return ways[chosen];
}

double exact_p(const Ranks& ranks, std::size_t chosen, double doubled_sum) {
  const std::vector<double> ways = count_rank_sums(ranks.doubled, chosen);
  const double mean = static_cast<double>(chosen) * static_cast<double>(ranks.doubled.size() + 1);
  const double distance = std::abs(doubled_sum - mean);
  double all = 0;
  double as_far = 0;
  for (std::size_t sum = 0; sum < ways.size(); ++sum) {
    all += ways[sum];
    if (std::abs(static_cast<double>(sum) - mean) >= distance) as_far += ways[sum];
  }
  return as_far / all;
}

double approximate_p(const Ranks& ranks, double n, double m, double u) {
  const double total = n + m;
  const double variance = n * m / 12 * (total + 1 - ranks.tie_term / (total * (total - 1)));
  if (variance <= 0) return 1;
  const double distance = std::max(0.0, std::abs(u - n * m / 2) - 0.5);
  return std::erfc(distance / std::sqrt(2 * variance));
}

}  // namespace

double median(std::span<const double> values) {
  FELIX_ASSERT(!values.empty());
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const std::size_t middle = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

Spread spread(std::span<const double> values) {
  const auto [lowest, highest] = std::minmax_element(values.begin(), values.end());
  return {median(values), *lowest, *highest};
}

RankTest mann_whitney(std::span<const double> a, std::span<const double> b) {
  RankTest test;
  if (a.empty() || b.empty()) return test;
  const double n = static_cast<double>(a.size());
  const double m = static_cast<double>(b.size());
  const Ranks ranks = rank_both(a, b);
  const auto a_end = ranks.doubled.begin() + static_cast<std::ptrdiff_t>(a.size());
  const double doubled_sum = std::accumulate(ranks.doubled.begin(), a_end, 0.0);
  test.u = doubled_sum / 2 - n * (n + 1) / 2;
  test.least_p =
      std::min(1.0, 2 * std::exp(std::lgamma(n + 1) + std::lgamma(m + 1) - std::lgamma(n + m + 1)));
  test.exact = a.size() + b.size() <= kExactValues;
  test.p = test.exact ? exact_p(ranks, a.size(), doubled_sum) : approximate_p(ranks, n, m, test.u);
  return test;
}

}  // namespace felix::bench
