#include "bench/table_units.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace felix::bench {
namespace {

struct Unit {
  std::string_view suffix;  // of the figure's name
  std::string (*text)(double);
};

std::string per_second(double value) { return format_short(value) + "/s"; }
std::string micros(double value) { return format_ns(value * 1e3); }
std::string seconds(double value) { return format_ns(value * 1e9); }
std::string bytes(double value) { return format_bytes(static_cast<std::uint64_t>(std::max(value, 0.0))); }
std::string percent(double value) { return format_three(value) + " %"; }

// The longer suffix first: "_mb_per_s" also ends with "_per_s", and "_ns" with "_s".
constexpr std::array kUnits = {
    Unit{"_mb_per_s", format_mb_per_s},
    Unit{"_per_s", per_second},
    Unit{"_ns", format_ns},
    Unit{"_us", micros},
    Unit{"_bytes", bytes},
    Unit{"_percent", percent},
    Unit{"_ratio", format_ratio},
    Unit{"_s", seconds},
};

const Unit* unit_of(std::string_view name) {
  for (const Unit& unit : kUnits) {
    if (name.ends_with(unit.suffix)) return &unit;
  }
  return nullptr;
}

}  // namespace

std::string format_three(double number) {
  const double size = std::abs(number);
  if (size == 0) return "0";
  if (size >= 99.95) return fmt::format("{:.0f}", number);
  if (size >= 9.995) return fmt::format("{:.1f}", number);
  if (size >= 0.9995) return fmt::format("{:.2f}", number);
  return fmt::format("{:.3f}", number);
}

std::string format_ns(double nanos) {
  const double size = std::abs(nanos);
  if (size < 999.5) return fmt::format("{:.0f} ns", nanos);
  if (size < 999.5e3) return format_three(nanos / 1e3) + " µs";
  if (size < 999.5e6) return format_three(nanos / 1e6) + " ms";
  return format_three(nanos / 1e9) + " s";
}

std::string format_ns_range(double low, double high) {
  const std::string from = format_ns(low);
  const std::string to = format_ns(high);
  const std::size_t unit = from.rfind(' ');
  return (from.substr(unit) == to.substr(to.rfind(' ')) ? from.substr(0, unit) : from) + "–" + to;
}

std::string format_short(double number) {
  const double size = std::abs(number);
  if (size < 999.5) return size == std::floor(size) ? fmt::format("{:.0f}", number) : format_three(number);
  if (number > 0 && size < 9999.5) return format_exact(static_cast<std::uint64_t>(std::llround(size)));
  if (size < 999.5e3) return format_three(number / 1e3) + "k";
  if (size < 999.5e6) return format_three(number / 1e6) + "M";
  return format_three(number / 1e9) + "G";
}

std::string format_exact(std::uint64_t number) {
  const std::string digits = fmt::format("{}", number);
  std::string text;
  for (std::size_t at = 0; at < digits.size(); ++at) {
    if (at > 0 && (digits.size() - at) % 3 == 0) text += ',';
    text += digits[at];
  }
  return text;
}

std::string format_bytes(std::uint64_t bytes) {
  constexpr std::array kNames = {"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double size = static_cast<double>(bytes) / 1024;
  std::size_t name = 0;
  while (size >= 1023.5 && name + 1 < kNames.size()) {
    size /= 1024;
    ++name;
  }
  return size == std::floor(size) ? fmt::format("{:.0f} {}", size, kNames[name])
                                  : fmt::format("{} {}", format_three(size), kNames[name]);
}

std::string format_mb_per_s(double mb_per_s) {
  return mb_per_s < 999.5 ? format_three(mb_per_s) + " MB/s" : format_three(mb_per_s / 1e3) + " GB/s";
}

std::string format_ratio(double ratio) { return format_three(ratio) + "×"; }

std::string figure_label(std::string_view name) {
  if (const Unit* unit = unit_of(name)) name.remove_suffix(unit->suffix.size());
  std::string label(name);
  for (char& c : label) {
    if (c == '_') c = ' ';
  }
  return label;
}

std::string format_figure(std::string_view name, double value) {
  const Unit* unit = unit_of(name);
  return unit != nullptr ? unit->text(value) : format_short(value);
}

std::string to_ascii(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kPlain = {{{"µ", "u"},
                                                                                     {"×", "x"},
                                                                                     {"→", "->"},
                                                                                     {"·", "|"},
                                                                                     {"–", "-"},
                                                                                     {"−", "-"},
                                                                                     {"…", "..."},
                                                                                     {"≥", ">="},
                                                                                     {"≤", "<="},
                                                                                     {"─", "-"}}};
  std::string plain;
  while (!text.empty()) {
    std::string_view taken = text.substr(0, 1);
    std::string_view put = taken;
    for (const auto& [fancy, ascii] : kPlain) {
      if (!text.starts_with(fancy)) continue;
      taken = fancy;
      put = ascii;
    }
    plain += put;
    text.remove_prefix(taken.size());
  }
  return plain;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (const char c : text) columns += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
  return columns;
}

std::string shortened(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  std::size_t end = 0;
  for (std::size_t at = 0; at < text.size() && columns_of(text.substr(0, at)) < columns; ++at) end = at;
  return std::string(text.substr(0, end)) + "…";
}

}  // namespace felix::bench
