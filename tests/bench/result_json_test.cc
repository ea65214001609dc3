#include "bench/result_json.h"

#include <random>

#include <catch2/catch_test_macros.hpp>

#include "support/seed.h"

namespace felix::bench {
namespace {

Run sample_run() {
  std::minstd_rand random(static_cast<std::uint32_t>(test::seed()));
  telemetry::Histogram histogram;
  for (int i = 0; i < 10'000; ++i) histogram.record(40'000 + random() % 200'000);
  Run run;
  run.tool_version = "1.2.3";
  run.started_at = "2026-01-02T03:04:05Z";
  run.shape = "latency";
  run.trial = 2;
  run.parameters.payload_bytes = 256;
  run.parameters.loop = "open";
  run.parameters.seed = UINT64_MAX;
  run.parameters.spawned = true;
  run.environment.cpu_model = "a \"quoted\" processor";
  run.latency = summarize(histogram);
  run.clients.push_back({"subscriber 1", 10'000, 1, 2, 3, 4, run.latency, run.latency});
  run.rates.delivered_per_s = 1.0 / 3;
  run.counts.lost = 7;
  run.sweep.push_back({1000, 999.5, 40'000, 90'000, 200'000, 10'000, false});
  run.timeline.push_back({0.25, 1000, 1, 2});
  run.figures["connects_per_s"] = 1234.5;
  run.targets.push_back({"1k", "1 KiB", "per_s", "at_least", 600e3, 610e3, 600e3, 620e3, "met", "a peer"});
  run.floor["relay_p50_ns"] = 46'000;
  run.verdict = {false, {"7 records were lost"}};
  run.notes = {"a note", ""};
  return run;
}

TEST_CASE("runs read back from JSON are the runs that were written") {
  const std::vector<Run> runs{sample_run(), Run{}};
  const std::string text = encode_runs(runs);
  const auto parsed = parse_runs(text);
  REQUIRE(parsed);
  REQUIRE(parsed->size() == 2);
  CHECK(encode_runs(*parsed) == text);
  const Run& run = parsed->front();
  CHECK(run.parameters.seed == UINT64_MAX);
  CHECK(run.rates.delivered_per_s == 1.0 / 3);
  CHECK(run.clients.at(0).latency.curve.size() == runs[0].latency.curve.size());
  CHECK(run.verdict.reasons == runs[0].verdict.reasons);
  CHECK(run.floor.at("relay_p50_ns") == 46'000);
}

TEST_CASE("a curve holds every sample once, in ascending buckets of a few per cent") {
  const Run run = sample_run();
  std::uint64_t sum = 0;
  std::uint64_t before = 0;
  for (const CurvePoint& point : run.latency.curve) {
    CHECK(point.upper_ns > before);
    before = point.upper_ns;
    sum += point.count;
  }
  CHECK(sum == run.latency.count);
  CHECK(before >= run.latency.max_ns);
  CHECK(run.latency.curve.size() < 100);
}

TEST_CASE("a file of another version still reads: unknown members are skipped, absent ones keep defaults") {
  const auto parsed = parse_runs(R"({"felix_bench":1,"runs":[{"shape":"cache","news":[1,{}]}]})");
  REQUIRE(parsed);
  CHECK(parsed->at(0).shape == "cache");
  CHECK(parsed->at(0).parameters.batch == 1);
}

TEST_CASE("what is no result file is refused with the member that is wrong") {
  CHECK(parse_runs("{}").error().code == Errc::malformed);
  CHECK(parse_runs("[").error().code == Errc::malformed);
  CHECK(parse_runs(R"({"felix_bench":1})").error().code == Errc::malformed);
  const auto wrong = parse_runs(R"({"felix_bench":1,"runs":[{"parameters":{"batch":"many"}}]})");
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().context.find("batch") != std::string::npos);
}

}  // namespace
}  // namespace felix::bench
