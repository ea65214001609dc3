#include "bench/report.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include <catch2/catch_test_macros.hpp>

#include "bench/table_sample.h"

namespace felix::bench {
namespace {

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

// Every number of the attribute values that start with `before`, in order.
std::vector<double> numbers_after(std::string_view text, std::string_view before) {
  std::vector<double> numbers;
  for (std::size_t at = text.find(before); at != std::string_view::npos; at = text.find(before, at + 1)) {
    std::string_view value = text.substr(at + before.size());
    value = value.substr(0, value.find('"'));
    while (!value.empty()) {
      double number = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
      if (error == std::errc()) numbers.push_back(number);
      value.remove_prefix(error == std::errc() ? static_cast<std::size_t>(end - value.data()) : 1);
    }
  }
  return numbers;
}

TEST_CASE("The report is one page that asks for nothing from elsewhere") {
  const std::string page = render_report(test::sample_runs());
  CHECK(page.starts_with("<!doctype html>\n<html lang=\"en\">"));
  CHECK(page.ends_with("</html>\n"));
  for (const char* reach : {"http:", "https:", "src=", "href=", "@import", "url(", "<script", "<link"}) {
    INFO(reach);
    CHECK(count(page, reach) == 0);
  }
  for (const char* tag : {"section", "figure", "table", "svg", "div", "ul", "tr", "td", "text", "dl"}) {
    INFO(tag);
    CHECK(count(page, std::string("<") + tag + ">") + count(page, std::string("<") + tag + " ") ==
          count(page, std::string("</") + tag + ">"));
  }
}

TEST_CASE("Everything drawn lies within its frame") {
  const std::string page = render_report(test::sample_runs());
  std::size_t drawings = 0;
  for (std::size_t at = page.find("<svg viewBox"); at != std::string::npos;
       at = page.find("<svg viewBox", at + 1)) {
    const std::string_view drawing = std::string_view(page).substr(at, page.find("</svg>", at) - at);
    const std::vector<double> box = numbers_after(drawing, "viewBox=\"");
    REQUIRE(box.size() == 4);
    for (const char* x : {" x=\"", "x1=\"", "x2=\"", "cx=\""}) {
      for (const double value : numbers_after(drawing, x)) CHECK((value >= 0 && value <= box[2]));
    }
    for (const char* y : {" y=\"", "y1=\"", "y2=\"", "cy=\""}) {
      for (const double value : numbers_after(drawing, y)) CHECK((value >= 0 && value <= box[3]));
    }
    const std::vector<double> path = numbers_after(drawing, " d=\"");
    for (std::size_t point = 0; point + 1 < path.size(); point += 2) {
      if (box[3] < 100) break;  // a sample of the legend
      CHECK((path[point] >= 0 && path[point] <= box[2]));
      CHECK((path[point + 1] >= 0 && path[point + 1] <= box[3]));
    }
    ++drawings;
  }
  CHECK(drawings >= 6);
}

TEST_CASE("What came from outside is shown, not run") {
  std::vector<Run> runs = test::sample_runs();
  for (Run& run : runs) {
    run.environment.command = "felix bench </code><script>alert(1)</script>";
    run.environment.server = "\"><img>";
    run.notes.push_back("<b>note</b>");
    run.clients.push_back({"<i>x</i>", 1, 0, 0, 0, 0, run.latency, {}});
    run.tool_version = "<u>";
  }
  const std::string page = render_report(runs);
  for (const char* markup : {"<script", "<img", "<b>note", "<i>", "<u>"}) CHECK(count(page, markup) == 0);
  CHECK(count(page, "&lt;script&gt;alert(1)") > 0);
}

TEST_CASE("Flags and targets stand at the top of the page") {
  std::vector<Run> runs{test::sample_throughput_run(400'000, 1024, 1, 1)};
  runs[0].verdict.flags = {"too small <a> run"};
  CHECK(count(render_report(runs), "too small &lt;a&gt; run") == 1);
  CHECK(count(render_report(runs), "role=\"alert\"") == 0);
  Run all;
  all.shape = "targets";
  all.targets = {{"1k", "1 KiB", "delivered_per_s", "at_least", 600e3, 700e3, 690e3, 710e3, "met", ""},
                 {"latency", "p50", "p50_relay_ratio", "at_most", 1.35, 2.7, 2.6, 2.8, "missed", ""},
                 {"connect", "memory", "idle_connection_bytes", "at_most", 4e4, 0, 0, 0, "not measured", ""}};
  runs.push_back(all);
  const std::string page = render_report(runs);
  CHECK(count(page, "<h1><em>1 of 3</em> targets met</h1>") == 1);
  CHECK(count(page, "<title>met</title>") == 1);
  CHECK(count(page, "<title>missed</title>") == 1);
  CHECK(count(page, "2.70× (≤ 1.35×)") >= 1);
  CHECK(count(page, "<td class=\"bad\">not measured</td>") == 1);
}

TEST_CASE("The page opens with the median latency and with any failure") {
  std::vector<Run> runs{test::sample_latency_run(40'000, 1, 1, 20'000)};
  runs[0].latency.p50_ns = 57'000;
  runs[0].latency_from_send.p50_ns = 57'000;
  runs[0].relay.p50_ns = 38'000;
  const std::string fine = render_report(runs);
  CHECK(count(fine, "<h1><em>57.0 µs</em> from publish to delivery</h1>") == 1);
  CHECK(count(fine, "1.50× the raw UDP relay") == 1);
  CHECK(count(fine, "role=\"alert\"") == 0);
  CHECK(count(render_report({test::sample_sweep_run()}), "<em>357k</em> records a second before") == 1);
  const std::string failed = render_report(test::sample_runs());
  CHECK(count(failed, "role=\"alert\"") == 1);
  CHECK(count(failed, "were lost &lt;here&gt;") == 1);
}

TEST_CASE("A report of odd or empty results is still a page") {
  CHECK(count(render_report({}), "No runs") > 0);
  Run bare;
  CHECK(render_report({bare}).ends_with("</html>\n"));
  Run one = test::sample_latency_run(40'000, 1, 1, 1);
  one.sweep.push_back({});
  one.timeline = {{}, {}, {}};
  CHECK(count(render_report({one}), "nan") == 0);
  CHECK(count(render_report({one}), "inf\"") == 0);
  Run floor;
  floor.shape = "floor";
  floor.floor = {{"relay_p50_ns", 38'000}};
  CHECK(count(render_report({floor}), "The limits of this machine") == 2);
}

TEST_CASE("More groups than colours are drawn in further figures") {
  std::vector<Run> runs;
  for (std::uint64_t fanout = 1; fanout <= 7; ++fanout)
    runs.push_back(test::sample_latency_run(40'000, fanout, 1, 2000));
  CHECK(count(render_report(runs), "<strong>Latency by percentile</strong>") == 2);
}

}  // namespace
}  // namespace felix::bench
