#include "bench/statistics.h"

#include <numeric>
#include <random>
#include <vector>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include "support/seed.h"

namespace felix::bench {
namespace {

using Catch::Approx;
using Values = std::vector<double>;

TEST_CASE("The median of an even number of values lies between the middle two") {
  CHECK(median(Values{3}) == 3);
  CHECK(median(Values{5, 1, 3}) == 3);
  CHECK(median(Values{4, 1, 3, 2}) == 2.5);
  const Spread of = spread(Values{4, 1, 9});
  CHECK(of.median == 4);
  CHECK(of.lowest == 1);
  CHECK(of.highest == 9);
}

// Two-sided tails of the tabulated distribution of U: (ways with U or less, doubled) / C(n + m, n).
TEST_CASE("Exact p-values are those of the tables") {
  CHECK(mann_whitney(Values{1, 2, 3}, Values{4, 5, 6}).p == Approx(2.0 / 20));
  CHECK(mann_whitney(Values{1, 2, 3, 4}, Values{5, 6, 7, 8}).p == Approx(2.0 / 70));
  CHECK(mann_whitney(Values{1, 2, 3, 4, 5}, Values{6, 7, 8, 9, 10}).p == Approx(2.0 / 252));
  CHECK(mann_whitney(Values{1, 2, 3, 5}, Values{4, 6, 7, 8}).p == Approx(4.0 / 70));
  CHECK(mann_whitney(Values{1, 2, 4, 5}, Values{3, 6, 7, 8}).p == Approx(8.0 / 70));
  // U = 23 of 5 x 5 is the famous last value below 0.05: P = 2 * (1 + 1 + 2) / 252.
  const RankTest edge = mann_whitney(Values{1, 2, 3, 4, 7}, Values{5, 6, 8, 9, 10});
  CHECK(edge.u == 2);
  CHECK(edge.p == Approx(8.0 / 252));
  CHECK(edge.exact);
}

TEST_CASE("The order of the samples turns U around and leaves p alone") {
  const Values a{1.5, 2.25, 8, 9};
  const Values b{2, 3, 4, 5, 6.5};
  const RankTest forward = mann_whitney(a, b);
  const RankTest backward = mann_whitney(b, a);
  CHECK(forward.u + backward.u == 20);
  CHECK(forward.p == Approx(backward.p));
}

TEST_CASE("Samples that cannot differ give no evidence") {
  CHECK(mann_whitney(Values{7, 7, 7}, Values{7, 7, 7, 7}).p == Approx(1));
  CHECK(mann_whitney(Values{}, Values{1, 2}).p == 1);
  CHECK(mann_whitney(Values(30, 7.0), Values(30, 7.0)).p == Approx(1));
}

TEST_CASE("Ties are counted exactly: every split of the observed ranks is one of the outcomes") {
  // {1, 2, 2} against {2, 3, 3}: ranks 1 3 3 | 3 5.5 5.5. Of the 20 splits, a sum of 7 or less (or 14 or
  // more) has: 1+3+3 three times, and its mirror 3+5.5+5.5 three times; 7 = 21/2 - 3.5.
  CHECK(mann_whitney(Values{1, 2, 2}, Values{2, 3, 3}).p == Approx(6.0 / 20));
}

TEST_CASE("The least p says how many trials a verdict needs") {
  CHECK(mann_whitney(Values{1, 2, 3}, Values{1, 2, 3}).least_p == Approx(0.1));
  CHECK(mann_whitney(Values{1, 2, 3, 4}, Values{1, 2, 3, 4}).least_p == Approx(2.0 / 70));
  CHECK(mann_whitney(Values{1}, Values{2}).least_p == Approx(1));
}

TEST_CASE("Beyond forty values the approximation carries on where the exact test stops") {
  std::mt19937_64 random(test::seed());
  std::normal_distribution<double> normal(100, 10);
  Values a(20);
  Values b(20);
  for (double& value : a) value = normal(random);
  for (double& value : b) value = normal(random) + 6;
  const RankTest exact = mann_whitney(a, b);
  REQUIRE(exact.exact);
  // The same two samples, each value three times and minutely apart, lie as they lay: p can only shrink.
  Values a3;
  Values b3;
  for (int copy = 0; copy < 3; ++copy) {
    for (double value : a) a3.push_back(value + copy * 1e-9);
    for (double value : b) b3.push_back(value + copy * 1e-9);
  }
  const RankTest approximate = mann_whitney(a3, b3);
  CHECK_FALSE(approximate.exact);
  CHECK(approximate.u == Approx(exact.u * 9).margin(9));
  CHECK(approximate.p <= exact.p + 1e-6);
  // Textbook: 21 values against 21, fully apart: z = (220.5 - 0.5) / sqrt(21 * 21 * 43 / 12) = 5.534.
  Values low(21);
  Values high(21);
  std::iota(low.begin(), low.end(), 0);
  std::iota(high.begin(), high.end(), 100);
  CHECK(mann_whitney(low, high).p == Approx(3.125e-8).epsilon(0.02));
}

TEST_CASE("Equal distributions are called different no more often than promised") {
  std::mt19937_64 random(test::seed());
  std::lognormal_distribution<double> skewed(3, 1);
  int called = 0;
  constexpr int kRounds = 2000;
  for (int round = 0; round < kRounds; ++round) {
    Values a(5);
    Values b(6);
    for (double& value : a) value = skewed(random);
    for (double& value : b) value = skewed(random);
    called += mann_whitney(a, b).p <= kSignificance ? 1 : 0;
  }
  CHECK(called < kRounds * 7 / 100);  // 5 % promised; 100 +- 10 of 2000, so 140 is four sigma away
}

}  // namespace
}  // namespace felix::bench
