#include "config/closest.h"

#include <algorithm>
#include <numeric>

namespace felix::config {
namespace {

// Insertions, deletions and substitutions that turn one into the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

std::string_view closest(std::string_view typed, const std::vector<std::string_view>& candidates) {
  constexpr std::size_t kLongestTyped = 128;
  if (typed.size() > kLongestTyped) return {};
  std::string_view best;
  std::size_t least = typed.size() / 3 + 1;  // further away is no likely slip
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(typed, candidate);
    if (distance > least || (distance == least && !best.empty())) continue;
    best = candidate;
    least = distance;
  }
  return best;
}

std::string did_you_mean(std::string_view typed, const std::vector<std::string_view>& candidates) {
  const std::string_view found = closest(typed, candidates);
  return found.empty() ? "" : "; did you mean '" + std::string(found) + "'?";
}

}  // namespace felix::config
