#include "felix/values.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace felix::command {
namespace {

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::vector<std::string> words_of(std::string_view text, char separator) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    if (end > at) words.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

Take text_into(std::string& into) {
  return [&into](std::string_view text) -> Status {
    into = text;
    return {};
  };
}

Take text_into(std::optional<std::string>& into) {
  return [&into](std::string_view text) -> Status {
    into = std::string(text);
    return {};
  };
}

Take number_into(std::optional<std::uint64_t>& into, std::uint64_t least, std::uint64_t most) {
  return [&into, least, most](std::string_view text) -> Status {
    const auto value = parse_number<std::uint64_t>(text);
    if (!value || *value < least || *value > most) {
      const std::string range = most == UINT64_MAX ? " or more" : " to " + std::to_string(most);
      return fail(Errc::usage, "wants a whole number, " + std::to_string(least) + range);
    }
    into = *value;
    return {};
  };
}

Take duration_into(std::optional<Duration>& into) {
  return [&into](std::string_view text) -> Status {
    struct Unit {
      std::string_view name;
      std::uint64_t milliseconds;
    };
    static constexpr std::array kUnits{Unit{"ms", 1},        Unit{"s", 1000},       Unit{"m", 60'000},
                                       Unit{"h", 3'600'000}, Unit{"d", 86'400'000}, Unit{"", 1000}};
    constexpr std::uint64_t kMost = 3650ull * 86'400'000;
    for (const Unit& unit : kUnits) {
      if (!text.ends_with(unit.name)) continue;
      const auto value = parse_number<std::uint64_t>(text.substr(0, text.size() - unit.name.size()));
      if (!value) continue;
      if (*value == 0 || *value > kMost / unit.milliseconds) break;
      into = std::chrono::milliseconds(*value * unit.milliseconds);
      return {};
    }
    return fail(Errc::usage, "wants a time such as 500ms, 60s, 5m or 2h, up to 3650d");
  };
}

}  // namespace felix::command
