#include "conformance/report.h"

#include <algorithm>

#include <fmt/format.h>

#include "json/writer.h"

namespace felix::conformance {
namespace {

std::string_view word(Outcome outcome) {
  switch (outcome) {
    case Outcome::pass:
      return "pass";
    case Outcome::fail:
      return "FAIL";
    case Outcome::skip:
      return "skip";
  }
  return "";
}

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

// XML 1.0 text: the five entities; a character XML cannot hold becomes '?'.
std::string xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&apos;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? '?' : c;
    }
  }
  return out;
}

std::vector<std::string> suites_of(const Report& report) {
  std::vector<std::string> suites;
  for (const CaseResult& one : report.cases) {
    if (std::ranges::find(suites, one.suite) == suites.end()) suites.push_back(one.suite);
  }
  return suites;
}

void append_junit_case(std::string& out, const CaseResult& one) {
  out += fmt::format("    <testcase classname=\"{}\" name=\"{}\"", xml(one.suite), xml(one.name));
  if (one.took) out += fmt::format(" time=\"{:.6f}\"", seconds(*one.took));
  if (one.outcome == Outcome::pass) {
    out += "/>\n";
    return;
  }
  const std::string_view element = one.outcome == Outcome::fail ? "failure" : "skipped";
  out += fmt::format(">\n      <{} message=\"{}\"/>\n    </testcase>\n", element, xml(one.reason));
}

}  // namespace

std::size_t Report::count(Outcome outcome) const {
  return static_cast<std::size_t>(std::ranges::count(cases, outcome, &CaseResult::outcome));
}

ExitCode Report::exit_code() const { return count(Outcome::fail) == 0 ? ExitCode::done : ExitCode::failed; }

std::string format_table(const Report& report, bool verbose) {
  std::size_t widest = 0;
  auto shown = [verbose](const CaseResult& one) { return verbose || one.outcome != Outcome::pass; };
  // A live scenario's name begins with its family.
  auto title = [](const CaseResult& one) {
    return one.name.starts_with(one.suite + ".") ? one.name : one.suite + ": " + one.name;
  };
  for (const CaseResult& one : report.cases) {
    if (shown(one)) widest = std::max(widest, title(one).size());
  }
  std::string out;
  for (const CaseResult& one : report.cases) {
    if (!shown(one)) continue;
    out += fmt::format("{}  {:<{}}", word(one.outcome), title(one), widest);
    if (one.took) out += fmt::format("  {:9.3f} ms", seconds(*one.took) * 1000);
    if (!one.reason.empty()) out += "  " + one.reason;
    out.erase(out.find_last_not_of(' ') + 1);
    out += '\n';
  }
  out += fmt::format("{}: {} passed, {} failed", report.title, report.count(Outcome::pass),
                     report.count(Outcome::fail));
  if (const std::size_t skipped = report.count(Outcome::skip); skipped > 0)
    out += fmt::format(", {} skipped", skipped);
  return out + '\n';
}

std::string format_json(const Report& report) {
  std::string out;
  {
    json::Writer writer(out);
    writer.begin_object();
    writer.member("title", report.title);
    writer.member("passed", report.count(Outcome::pass));
    writer.member("failed", report.count(Outcome::fail));
    writer.member("skipped", report.count(Outcome::skip));
    writer.key("cases");
    writer.begin_array();
    for (const CaseResult& one : report.cases) {
      writer.begin_object();
      writer.member("suite", one.suite);
      writer.member("name", one.name);
      writer.member("outcome", std::string_view(one.outcome == Outcome::fail ? "fail" : word(one.outcome)));
      if (!one.reason.empty()) writer.member("reason", one.reason);
      if (one.took) writer.member("took_ns", static_cast<std::uint64_t>(one.took->count()));
      writer.end_object();
    }
    writer.end_array();
    writer.end_object();
  }
  return out + '\n';
}

std::string format_junit(const Report& report) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out +=
      fmt::format("<testsuites name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\">\n", xml(report.title),
                  report.cases.size(), report.count(Outcome::fail), report.count(Outcome::skip));
  for (const std::string& suite : suites_of(report)) {
    Report part;
    for (const CaseResult& one : report.cases) {
      if (one.suite == suite) part.cases.push_back(one);
    }
    out += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\">\n", xml(suite),
                       part.cases.size(), part.count(Outcome::fail), part.count(Outcome::skip));
    for (const CaseResult& one : part.cases) append_junit_case(out, one);
    out += "  </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

}  // namespace felix::conformance
