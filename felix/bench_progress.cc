#include "felix/bench_progress.h"

#include <algorithm>

#include <fmt/format.h>

namespace felix::command {
namespace {

constexpr std::size_t kBars = 24;
constexpr std::size_t kBarCells = 12;

std::string rate_text(double per_s) {
  if (per_s >= 1e6) return fmt::format("{:.2f}M/s", per_s / 1e6);
  if (per_s >= 1e4) return fmt::format("{:.0f}k/s", per_s / 1e3);
  return fmt::format("{:.0f}/s", per_s);
}

std::string time_text(double us, bench::Glyphs glyphs) {
  if (us >= 1000) return fmt::format("{:.1f} ms", us / 1000);
  return fmt::format("{:.0f} {}", us, glyphs == bench::Glyphs::unicode ? "µs" : "us");
}

// How far it is.
std::string bar_text(double share, bench::Glyphs glyphs) {
  const bool unicode = glyphs == bench::Glyphs::unicode;
  const auto full = static_cast<std::size_t>(share * static_cast<double>(kBarCells) + 0.5);
  std::string bar;
  for (std::size_t cell = 0; cell < kBarCells; ++cell)
    bar += cell < full ? (unicode ? "━" : "=") : (unicode ? "╌" : "-");
  return bar;
}

}  // namespace

std::string progress_line(const bench::Progress& progress, bench::Glyphs glyphs) {
  if (progress.elapsed_s < 0) return progress.what + ": warming up";
  std::string line = progress.what;
  if (progress.total_s > 0) {
    const double elapsed = std::min(progress.elapsed_s, progress.total_s);
    line += fmt::format("  {}  {:.0f}/{:.0f} s", bar_text(elapsed / progress.total_s, glyphs), elapsed,
                        progress.total_s);
  }
  if (progress.per_s > 0) line += "  " + rate_text(progress.per_s);
  if (progress.p50_us.empty()) return line;
  const std::string bars = bench::sparkline(progress.p50_us, kBars, glyphs);
  return line + "  p50 " + time_text(progress.p50_us.back(), glyphs) + " " +
         bars.substr(std::min(bars.find_first_not_of(' '), bars.size()));
}

}  // namespace felix::command
