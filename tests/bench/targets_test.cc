#include "bench/targets.h"

#include <algorithm>
#include <set>

#include <catch2/catch_test_macros.hpp>

#include "bench/table.h"
#include "bench/targets_run.h"

namespace felix::bench {
namespace {

const TargetRow& row(std::string_view name) {
  const auto found = std::ranges::find(target_rows(), name, &TargetRow::name);
  REQUIRE(found != target_rows().end());
  return *found;
}

Run delivering(double per_s, std::uint64_t round = 1) {
  Run run;
  run.trial = round;
  run.rates.delivered_per_s = per_s;
  return run;
}

std::vector<TargetResult> judged(std::string_view name, const std::vector<Run>& runs,
                                 const Peers& peers = {}) {
  std::vector<const Run*> pointers;
  for (const Run& run : runs) pointers.push_back(&run);
  return judge_row(row(name), pointers, peers);
}

TEST_CASE("every row can be run, has a name of its own and a unit for each figure") {
  std::set<std::string_view> names;
  for (const TargetRow& each : target_rows()) {
    INFO(each.name);
    CHECK(names.insert(each.name).second);
    const auto loads = make_loads(each.request);
    REQUIRE(loads);
    CHECK(loads->size() <= 1);
    CHECK_FALSE(each.criteria.empty());
    for (const Criterion& criterion : each.criteria) CHECK(criterion.limit > 0);
  }
}

TEST_CASE("a limit is met from its own side") {
  CHECK(judged("cache-50", {delivering(130e3)}).at(0).status == "met");
  CHECK(judged("cache-50", {delivering(129e3)}).at(0).status == "missed");
  Run cheap;
  cheap.cpu.broker_us_per_record = 6;
  CHECK(judged("acked", {cheap}).at(0).status == "met");
  cheap.cpu.broker_us_per_record = 6.1;
  CHECK(judged("acked", {cheap}).at(0).status == "missed");
}

TEST_CASE("what was not measured is neither met nor missed, and a failed run proves nothing") {
  CHECK(judged("acked", {Run{}}).at(0).status == "not measured");
  Run lossy = delivering(500e3);
  lossy.verdict = {false, {"lost"}};
  CHECK(judged("cache-50", {delivering(500e3), lossy}).at(0).status == "failed");
}

TEST_CASE("measured is the median of all runs, its spread that of the rounds") {
  const auto result =
      judged("cache-50", {delivering(100e3, 1), delivering(140e3, 1), delivering(160e3, 2)}).at(0);
  CHECK(result.measured == 140e3);
  CHECK(result.lowest == 120e3);
  CHECK(result.highest == 160e3);
}

TEST_CASE(
    "with the peer at hand its multiple is the limit, without it the published scale, and both are said") {
  const auto published = judged("1k", {delivering(590e3)}).at(0);
  CHECK(published.limit == 600e3);
  CHECK(published.status == "missed");
  CHECK(published.basis.find("published") != std::string::npos);
  Peers peers;
  peers.figures["nats_tls_1024_f1_per_s"] = 400e3;
  const auto here = judged("1k", {delivering(590e3)}, peers).at(0);
  CHECK(here.limit == 540e3);
  CHECK(here.status == "met");
  CHECK(here.basis.find("400k/s") != std::string::npos);
  CHECK(explain_limits({published, here}).size() == 2);
}

TEST_CASE("a run of the targets says each limit, what was measured and how many were met") {
  Run all;
  all.shape = "targets";
  for (const auto& [name, per_s] : {std::pair("cache-50", 100e3), std::pair("cache-1024", 500e3)}) {
    for (TargetResult& result : judged(name, {delivering(per_s)})) all.targets.push_back(std::move(result));
  }
  const std::string text = render_table({all});
  const auto line = [&text](std::string_view row) {
    const std::size_t at = text.find(row);
    REQUIRE(at != std::string::npos);
    return text.substr(at, text.find('\n', at) - at);
  };
  CHECK(line("cache-50 ").find("gets, 50 in flight  ≥ 130k/s") != std::string::npos);
  CHECK(line("cache-50 ").ends_with("100k/s  MISSED"));
  CHECK(line("cache-1024 ").ends_with("500k/s     met"));
  CHECK(text.find("1 of 2 targets met") != std::string::npos);
}

TEST_CASE("a row that does not exist is refused with those that do") {
  TargetsRequest request;
  request.only = {"latency", "speed"};
  const auto checked = check_targets(request);
  REQUIRE_FALSE(checked);
  CHECK(checked.error().code == Errc::usage);
  CHECK(checked.error().context.find("latency-f10") != std::string::npos);
}

TEST_CASE("a file of peers is read, and what is none is refused") {
  const auto peers = parse_peers(
      R"({"felix_peers":1,"taken_at":"2026-01-02T03:04:05Z","cpu_model":"x","figures":{"a_per_s":1.5e3},"runs":[{}]})");
  REQUIRE(peers);
  CHECK(peers->figures.at("a_per_s") == 1500);
  CHECK(peers->taken_at == "2026-01-02T03:04:05Z");
  for (const char* text :
       {"", "{}", R"({"felix_peers":2,"figures":{}})", R"({"felix_peers":1})",
        R"({"felix_peers":1,"figures":{"a":"fast"}})", R"({"felix_peers":1,"figures":{"a":0}})"}) {
    INFO(text);
    const auto refused = parse_peers(text);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::malformed);
  }
}

}  // namespace
}  // namespace felix::bench
