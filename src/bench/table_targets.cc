#include "bench/table_targets.h"

#include <algorithm>

#include <fmt/format.h>

#include "bench/table_units.h"

namespace felix::bench {
namespace {

std::string to_upper(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return 'a' <= c && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return text;
}

}  // namespace

std::string limit_text(const TargetResult& result) {
  return (result.bound == "at_most" ? "≤ " : "≥ ") + format_figure(result.figure, result.limit);
}

std::string rounds_text(const TargetResult& result) {
  const std::string low = format_figure(result.figure, result.lowest);
  const std::string high = format_figure(result.figure, result.highest);
  return low == high ? std::string() : low + "–" + high;
}

std::string targets_met_text(const Run& run) {
  const auto met = std::ranges::count(run.targets, "met", &TargetResult::status);
  return fmt::format("{} of {} targets met", met, run.targets.size());
}

TextTable target_table(const Run& run) {
  TextTable table({"", "target", "measured", "rounds", ""});
  std::string last;
  for (const TargetResult& result : run.targets) {
    const bool known = result.measured > 0;
    table.row({fmt::format("{:<13}{}", result.row == last ? "" : result.row, result.label),
               limit_text(result), known ? format_figure(result.figure, result.measured) : "",
               known ? rounds_text(result) : "", result.status == "met" ? "met" : to_upper(result.status)});
    last = result.row;
  }
  return table;
}

}  // namespace felix::bench
