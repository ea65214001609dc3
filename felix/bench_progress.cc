#include "felix/bench_progress.h"

#include <algorithm>

#include <fmt/format.h>

namespace felix::command {
namespace {

constexpr std::size_t kBars = 24;

std::string rate_text(double per_s) {
  if (per_s >= 1e6) return fmt::format("{:.2f}M/s", per_s / 1e6);
  if (per_s >= 1e4) return fmt::format("{:.0f}k/s", per_s / 1e3);
  return fmt::format("{:.0f}/s", per_s);
}

std::string time_text(double us) {
  return us < 1000 ? fmt::format("{:.0f} us", us) : fmt::format("{:.1f} ms", us / 1000);
}

}  // namespace

std::string progress_line(const bench::Progress& progress, bench::Glyphs glyphs) {
  if (progress.elapsed_s < 0) return progress.what + ": warming up";
  std::string line = progress.what;
  line += fmt::format(": {:.0f}", std::min(progress.elapsed_s, progress.total_s));
  line += fmt::format(" of {:.0f} s, {}", progress.total_s, rate_text(progress.per_s));
  if (progress.p50_us.empty()) return line;
  const std::string bars = bench::sparkline(progress.p50_us, kBars, glyphs);
  return line + ", p50 " + time_text(progress.p50_us.back()) + " " + bars;
}

}  // namespace felix::command
