#include "bench/compare.h"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include "bench/table_sample.h"
#include "bench/table_units.h"

namespace felix::bench {
namespace {

std::vector<Run> trials(std::uint64_t p50_ns, std::uint64_t count) {
  std::vector<Run> runs;
  for (std::uint64_t trial = 1; trial <= count; ++trial) {
    Run run;
    run.shape = "latency";
    run.parameters.rate = 1000;
    run.trial = trial;
    run.latency.count = 100'000;
    run.latency.p50_ns = p50_ns + trial;
    run.rates.delivered_per_s = 1000;
    runs.push_back(run);
  }
  return runs;
}

FigureComparison figure(const Comparison& comparison, std::string_view name) {
  for (const FigureComparison& each : comparison.runs.at(0).figures) {
    if (each.name == name) return each;
  }
  FAIL("no figure " << name);
  return comparison.runs.at(0).figures.at(0);
}

TEST_CASE("Latencies apart in every trial are faster one way and slower the other") {
  const auto before = trials(1000, 5);
  const auto after = trials(1100, 5);
  const Comparison worse = compare_runs(before, after);
  REQUIRE(worse.runs.size() == 1);
  CHECK(figure(worse, "p50_ns").change == Change::slower);
  CHECK(figure(worse, "p50_ns").ratio == Catch::Approx(1103.0 / 1003));
  CHECK(figure(worse, "p50_ns").test.p == Catch::Approx(2.0 / 252));
  CHECK(figure(compare_runs(after, before), "p50_ns").change == Change::faster);
}

TEST_CASE("The same runs are no evidence") {
  const auto runs = test::sample_runs();
  const Comparison comparison = compare_runs(runs, runs);
  for (const RunComparison& run : comparison.runs) {
    for (const FigureComparison& each : run.figures) {
      CHECK((each.change == Change::no_evidence || each.change == Change::too_few_trials));
      CHECK(each.ratio == 1);
    }
  }
}

TEST_CASE("Three trials a side prove nothing, however far apart") {
  const Comparison comparison = compare_runs(trials(1000, 3), trials(9000, 3));
  CHECK(figure(comparison, "p50_ns").change == Change::too_few_trials);
  CHECK_FALSE(slower_by_more_than(comparison, 0));
  CHECK(render_comparison(comparison).find("Too few trials for any verdict") != std::string::npos);
}

TEST_CASE("A gate closes only on evidence and beyond its percentage") {
  const Comparison worse = compare_runs(trials(1000, 5), trials(1100, 5));
  CHECK(slower_by_more_than(worse, 5));
  CHECK_FALSE(slower_by_more_than(worse, 10));
  CHECK_FALSE(slower_by_more_than(compare_runs(trials(1100, 5), trials(1000, 5)), 0));
}

TEST_CASE("A higher rate is better, and a rate that was asked for is not compared") {
  std::vector<Run> slow;
  std::vector<Run> fast;
  for (std::uint64_t trial = 1; trial <= 5; ++trial) {
    slow.push_back(test::sample_throughput_run(400'000, 1024, 1, trial));
    fast.push_back(test::sample_throughput_run(500'000, 1024, 1, trial));
  }
  CHECK(figure(compare_runs(slow, fast), "delivered_per_s").change == Change::faster);
  const Comparison down = compare_runs(fast, slow);
  CHECK(figure(down, "delivered_per_s").change == Change::slower);
  CHECK(slower_by_more_than(down, 20));  // 400 against 500: a quarter more time a record
  const Comparison paced = compare_runs(trials(1000, 5), trials(1000, 5));
  for (const FigureComparison& each : paced.runs[0].figures) {
    CHECK(each.name != "delivered_per_s");
  }
}

TEST_CASE("Runs without a partner, failed trials and other machines are named") {
  std::vector<Run> before = trials(1000, 5);
  std::vector<Run> after = trials(1000, 5);
  for (Run& run : before) run.environment.cpu_model = "Old";
  after[0].verdict = {false, {"lost"}};
  before.push_back(test::sample_sweep_run());
  const Comparison comparison = compare_runs(before, after);
  REQUIRE(comparison.only_before.size() == 1);
  CHECK(comparison.only_before[0].starts_with("sweep"));
  CHECK(comparison.only_after.empty());
  CHECK(comparison.runs[0].trials_after == 4);
  REQUIRE(comparison.warnings.size() == 2);
  CHECK(comparison.warnings[0].starts_with("after: a trial of"));
  CHECK(comparison.warnings[1].starts_with("other machines"));
}

TEST_CASE("A floor that moved between the sittings is said") {
  std::vector<Run> before = trials(1000, 5);
  std::vector<Run> after = trials(1300, 5);
  for (Run& run : before) run.relay.p50_ns = 30'000;
  for (Run& run : after) run.relay.p50_ns = 45'000;
  const Comparison comparison = compare_runs(before, after);
  REQUIRE(comparison.warnings.size() == 1);
  CHECK(comparison.warnings[0].find("1.50 times as long") != std::string::npos);
}

TEST_CASE("The comparison fits 100 columns and explains its test") {
  const std::string text = render_comparison(compare_runs(test::sample_runs(), test::sample_runs()));
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = text.find('\n', from);
    CHECK(columns_of(text.substr(from, end - from)) <= 100);
    from = end + 1;
  }
  CHECK(text.find("Mann–Whitney U") != std::string::npos);
  CHECK(render_comparison({}).starts_with("Nothing to compare"));
}

}  // namespace
}  // namespace felix::bench
