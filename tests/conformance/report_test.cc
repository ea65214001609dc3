#include "conformance/report.h"

#include <catch2/catch_test_macros.hpp>

namespace felix::conformance {
namespace {

Report example() {
  Report report{"vectors", {}};
  report.cases.push_back({"acks", "ok", Outcome::pass, "", {}});
  report.cases.push_back({"acks", "a \"<b>\"", Outcome::fail, "expected 1, got 2", {}});
  report.cases.push_back({"live", "slow", Outcome::skip, "not offered", Duration(1'500'000)});
  return report;
}

}  // namespace

TEST_CASE("a report fails when one of its cases does") {
  CHECK(example().exit_code() == ExitCode::failed);
  CHECK(Report{}.exit_code() == ExitCode::done);
}

TEST_CASE("the table shows what did not pass, and all of it when asked") {
  CHECK(format_table(example()) ==
        "FAIL  acks: a \"<b>\"  expected 1, got 2\n"
        "skip  live: slow         1.500 ms  not offered\n"
        "vectors: 1 passed, 1 failed, 1 skipped\n");
  CHECK(format_table(example(), true).starts_with("pass  acks: ok\n"));
}

TEST_CASE("the JSON report carries every case") {
  CHECK(format_json(example()) ==
        R"({"title":"vectors","passed":1,"failed":1,"skipped":1,"cases":[)"
        R"({"suite":"acks","name":"ok","outcome":"pass"},)"
        R"({"suite":"acks","name":"a \"<b>\"","outcome":"fail","reason":"expected 1, got 2"},)"
        R"({"suite":"live","name":"slow","outcome":"skip","reason":"not offered","took_ns":1500000}]})"
        "\n");
}

TEST_CASE("the JUnit report escapes what XML cannot hold") {
  const std::string xml = format_junit(example());
  CHECK(xml.find(R"(<testsuites name="vectors" tests="3" failures="1" skipped="1">)") != std::string::npos);
  CHECK(xml.find(R"(<testcase classname="acks" name="a &quot;&lt;b&gt;&quot;">)") != std::string::npos);
  CHECK(xml.find(R"(<failure message="expected 1, got 2"/>)") != std::string::npos);
  CHECK(xml.find(R"(<testcase classname="live" name="slow" time="0.001500">)") != std::string::npos);
  CHECK(xml.find(R"(<skipped message="not offered"/>)") != std::string::npos);
}

}  // namespace felix::conformance
