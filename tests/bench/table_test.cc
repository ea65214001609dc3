#include "bench/table.h"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "bench/table_group.h"
#include "bench/table_sample.h"
#include "bench/table_units.h"

namespace felix::bench {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = text.find('\n', from);
    lines.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return lines;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST_CASE("No line of a table is longer than 100 columns or ends with a blank") {
  for (const Glyphs glyphs : {Glyphs::unicode, Glyphs::ascii}) {
    const std::string text = render_table(test::sample_runs(), glyphs);
    REQUIRE(text.ends_with('\n'));
    for (const std::string& line : lines_of(text)) {
      INFO(line);
      CHECK(columns_of(line) <= 100);
      CHECK_FALSE(line.ends_with(' '));
    }
    const bool ascii =
        std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 128; });
    CHECK(ascii == (glyphs == Glyphs::ascii));
  }
}

TEST_CASE("Trials of one thing are one block; other parameters make another") {
  const std::vector<Run> runs = test::sample_runs();
  const std::vector<RunGroup> groups = group_trials(runs);
  REQUIRE(groups.size() == 7);
  CHECK(groups[0].trials.size() == 5);
  CHECK(groups[1].first().parameters.fanout == 10);
  Run other = runs[0];
  other.parameters.seed = 7;
  other.parameters.duration_s = 99;
  CHECK(comparison_key(other) == comparison_key(runs[0]));
  other.parameters.payload_bytes += 1;
  CHECK(comparison_key(other) != comparison_key(runs[0]));
  CHECK(short_titles(groups)[0] == "latency · 256 B · fan-out 1 · open loop at 1,000/s");
  CHECK(short_titles({groups[0], groups[1]})[1] == "fan-out 10");
  CHECK(short_titles({groups[0]})[0] == "latency");
}

TEST_CASE("The trial in the middle speaks for its group") {
  std::vector<Run> runs;
  for (const std::uint64_t p50 : {90, 10, 50}) {
    runs.push_back(test::sample_latency_run(1000, 1, 1, 100));
    runs.back().latency.p50_ns = p50;
  }
  CHECK(group_trials(runs).front().middle().latency.p50_ns == 50);
}

TEST_CASE("A block has percentiles, the ratio to the floor, rates, CPU time and losses") {
  std::vector<Run> runs{test::sample_latency_run(40'000, 1, 1, 20'000)};
  runs[0].latency_from_send.p50_ns = 57'000;
  runs[0].latency_from_send.p99_ns = 262'000;
  runs[0].relay.p50_ns = 38'000;
  runs[0].relay.p99_ns = 131'000;
  const std::string text = render_table(runs);
  CHECK(text.starts_with("latency · 256 B · fan-out 1 · open loop at 1,000/s · ack per message · binary\n"));
  CHECK(has(text, "raw UDP relay           38.0 µs"));
  CHECK(has(text, "1.50×"));
  CHECK(has(text, "2.00×"));
  CHECK(has(text, "broker 9.10 core-µs a record"));
  CHECK(has(text, "0 lost · 0 duplicated · 0 reordered · 0 dropped"));
  CHECK(has(text, "every record arrived once and in order"));
  CHECK_FALSE(has(text, "FAILED"));
  CHECK_FALSE(has(text, "summary"));
}

TEST_CASE("The delay of a flood is called its queue and is not held against the relay") {
  Run flood = test::sample_throughput_run(400'000, 1024, 1, 1);
  flood.latency = test::sample_latency_run(40'000'000, 1, 1, 20'000).latency;
  CHECK(has(render_table({flood}), "in the flood's own queue"));
  CHECK_FALSE(has(render_table({flood}), "/ relay"));
}

TEST_CASE("A run with loss says FAILED, why, and who lost") {
  const std::string text = render_table({test::sample_runs().back()});
  CHECK(has(text, "FAILED      17 of 327,600 records were lost <here>"));
  CHECK(has(text, "subscriber 1"));
  CHECK(has(text, "note        moved less"));
  CHECK_FALSE(has(text, "arrived once"));
}

TEST_CASE("A run that is too small is flagged where it stands and in the summary, and is no failure") {
  std::vector<Run> runs{test::sample_throughput_run(400'000, 1024, 1, 1),
                        test::sample_throughput_run(1e6, 64, 1, 1)};
  runs[0].verdict.flags = {"too small a run"};
  const std::string text = render_table(runs);
  CHECK(has(text, "FLAGGED     too small a run\n"));
  CHECK(has(text.substr(text.find("summary")), "FLAGGED"));
  CHECK_FALSE(has(text, "FAILED"));
}

TEST_CASE("The connection is told with what it was encrypted with") {
  CHECK(has(render_table({test::sample_throughput_run(400'000, 1024, 1, 1)}), "quic · TLS 1.3 AES-128-GCM"));
}

TEST_CASE("A percentile with fewer than ten samples beyond it is marked") {
  const std::string few = render_table({test::sample_latency_run(40'000, 1, 1, 5'000)});
  CHECK(has(few, "~"));
  CHECK(has(few, "fewer than ten samples"));
  Run enough = test::sample_latency_run(40'000, 1, 1, 10'000);
  enough.latency_from_send = enough.ack_latency = {};
  CHECK_FALSE(has(render_table({enough}), "~"));
}

TEST_CASE("The floor is told in the order of its probes, what nobody knows last") {
  Run run;
  run.shape = "floor";
  run.floor = {{"a_new_one_ns", 5}, {"copy_mb_per_s", 9000}, {"relay_p50_ns", 38'000}};
  const std::string text = render_table({run});
  CHECK(text.find("relay p50") < text.find("9.00 GB/s"));
  CHECK(text.find("9.00 GB/s") < text.find("a new one"));
}

TEST_CASE("A run that measured nothing is a title, and no runs are nothing") {
  CHECK(render_table({}).empty());
  Run bare;
  bare.shape = "connect";
  CHECK(render_table({bare}) == "connect\n");
}

}  // namespace
}  // namespace felix::bench
