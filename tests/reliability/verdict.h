#pragma once
// The one line of JSON by which a reliability test says what it saw: name, seed, commit, figures, verdict.
// scripts/reliability collects the lines.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felix::test {

class Verdict {
 public:
  // `name` begins with the test's id, e.g. "T18 amplification". The clock of duration_s starts here.
  explicit Verdict(std::string name);

  // Figures appear in the order they are given.
  Verdict& figure(std::string_view name, std::uint64_t value);
  Verdict& figure(std::string_view name, double value);
  Verdict& figure(std::string_view name, std::string_view value);

  // Prints the line on standard output, with the verdict "pass" or "fail"; returns `passed` for the REQUIRE
  // that follows.
  bool print(bool passed) const;

 private:
  std::string name_;
  std::chrono::steady_clock::time_point began_;
  std::vector<std::pair<std::string, std::string>> figures_;  // value as JSON
};

// How long a test may take its load: FELIX_TEST_SECONDS, or `fallback`, which suits a continuous integration
// run.
std::chrono::seconds load_time(std::chrono::seconds fallback);

}  // namespace felix::test
