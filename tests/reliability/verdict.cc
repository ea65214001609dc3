#include "reliability/verdict.h"

#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "json/writer.h"
#include "support/seed.h"

namespace felix::test {

Verdict::Verdict(std::string name) : name_(std::move(name)), began_(std::chrono::steady_clock::now()) {}

Verdict& Verdict::figure(std::string_view name, std::uint64_t value) {
  figures_.emplace_back(name, std::to_string(value));
  return *this;
}

Verdict& Verdict::figure(std::string_view name, double value) {
  figures_.emplace_back(name, fmt::format("{:.3f}", value));
  return *this;
}

Verdict& Verdict::figure(std::string_view name, std::string_view value) {
  std::string text;
  json::BasicWriter writer(text);
  writer.string(value);
  figures_.emplace_back(name, std::move(text));
  return *this;
}

bool Verdict::print(bool passed) const {
  const char* const commit = std::getenv("FELIX_TEST_COMMIT");
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began_;
  std::string line;
  {
    json::BasicWriter writer(line);
    writer.begin_object();
    writer.member("name", name_);
    writer.member("seed", seed());
    writer.member("git", commit != nullptr ? std::string_view(commit) : std::string_view("unknown"));
    writer.key("duration_s");
    writer.raw(fmt::format("{:.2f}", took.count()));
    for (const auto& [name, value] : figures_) {
      writer.key(name);
      writer.raw(value);
    }
    writer.member("verdict", passed ? "pass" : "fail");
    writer.end_object();
  }
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
  return passed;
}

std::chrono::seconds load_time(std::chrono::seconds fallback) {
  const char* const given = std::getenv("FELIX_TEST_SECONDS");
  return given != nullptr ? std::chrono::seconds(std::strtoll(given, nullptr, 10)) : fallback;
}

}  // namespace felix::test
