#pragma once
// The outcome of a conformance run, offline or live, and its three spellings.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace felix::conformance {

enum class Outcome { pass, fail, skip };

struct CaseResult {
  std::string suite;  // vector file, or family of live scenarios
  std::string name;
  Outcome outcome = Outcome::pass;
  std::string reason;  // why it failed or was skipped; empty for a pass
  std::optional<Duration> took;
};

struct Report {
  std::string title;
  std::vector<CaseResult> cases;

  std::size_t count(Outcome outcome) const;
  // done, or failed when any case did.
  ExitCode exit_code() const;
};

// One line a case that did not pass (every case with `verbose`), then the totals; each line ends with '\n'.
std::string format_table(const Report& report, bool verbose = false);
std::string format_json(const Report& report);
// JUnit XML as continuous integration reads it; one testsuite per suite.
std::string format_junit(const Report& report);

}  // namespace felix::conformance
