#include "bench/sparkline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace felix::bench {
namespace {

constexpr std::size_t kHeights = 8;
constexpr std::array<std::string_view, kHeights> kUnicode = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<std::string_view, kHeights> kAscii = {"_", ".", ",", "-", "=", "+", "*", "#"};

bool drawable(double value) { return std::isfinite(value) && value > 0; }

}  // namespace

std::string sparkline(std::span<const double> values, std::size_t width, Glyphs glyphs) {
  const auto shown = values.last(std::min(width, values.size()));
  double lowest = INFINITY;
  double highest = 0;
  for (const double value : shown) {
    if (!drawable(value)) continue;
    lowest = std::min(lowest, value);
    highest = std::max(highest, value);
  }
  const double range = std::max(std::log2(highest / lowest), 1.0);

  const auto& bars = glyphs == Glyphs::unicode ? kUnicode : kAscii;
  std::string line(width - shown.size(), ' ');
  for (const double value : shown) {
    if (!drawable(value)) {
      line += ' ';
      continue;
    }
    const double height = std::log2(value / lowest) / range * static_cast<double>(kHeights - 1);
    line += bars[std::min(kHeights - 1, static_cast<std::size_t>(std::lround(height)))];
  }
  return line;
}

}  // namespace felix::bench
