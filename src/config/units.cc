#include "config/units.h"

#include <array>
#include <charconv>
#include <span>

namespace felix::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};
// Largest first.
constexpr std::array kSizes{Unit{"TiB", 1ull << 40}, Unit{"GiB", 1ull << 30}, Unit{"MiB", 1ull << 20},
                            Unit{"KiB", 1ull << 10}, Unit{"B", 1}};
constexpr std::array kDurations{
    Unit{"h", 3'600'000'000'000}, Unit{"m", 60'000'000'000}, Unit{"s", 1'000'000'000},
    Unit{"ms", 1'000'000},        Unit{"us", 1'000},         Unit{"ns", 1}};

std::optional<std::uint64_t> parse_with_unit(std::string_view text, std::span<const Unit> units) {
  const std::size_t digits = text.find_first_not_of("0123456789");
  if (digits == std::string_view::npos) return std::nullopt;
  const auto count = parse_integer(text.substr(0, digits));
  if (!count) return std::nullopt;
  for (const Unit& unit : units) {
    if (unit.name != text.substr(digits)) continue;
    if (*count > UINT64_MAX / unit.factor) return std::nullopt;
    return *count * unit.factor;
  }
  return std::nullopt;
}

std::string format_with_unit(std::uint64_t value, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    if (value % unit.factor == 0) return std::to_string(value / unit.factor) + std::string(unit.name);
  }
  return {};
}

}  // namespace

std::optional<std::uint64_t> parse_integer(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  if (const auto bytes = parse_integer(text)) return bytes;
  return parse_with_unit(text, kSizes);
}

std::optional<std::uint64_t> parse_duration(std::string_view text) {
  if (text == "0") return 0;
  const auto nanoseconds = parse_with_unit(text, kDurations);
  return nanoseconds && *nanoseconds <= INT64_MAX ? nanoseconds : std::nullopt;
}

std::string format_size(std::uint64_t bytes) { return bytes == 0 ? "0" : format_with_unit(bytes, kSizes); }
std::string format_duration(std::uint64_t nanoseconds) {
  return nanoseconds == 0 ? "0" : format_with_unit(nanoseconds, kDurations);
}

}  // namespace felix::config
