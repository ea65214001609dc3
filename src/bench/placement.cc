#include "bench/placement.h"

#include <array>
#include <charconv>
#include <sched.h>
#include <utility>

namespace felix::bench {
namespace {

struct Part {
  std::string_view name;
  std::optional<CpuRange> Placement::* range;
};
constexpr std::array kParts = {Part{"broker", &Placement::broker}, Part{"publisher", &Placement::publisher},
                               Part{"subscriber", &Placement::subscriber}};

std::optional<int> parse_cpu(std::string_view text) {
  int cpu = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cpu);
  if (error != std::errc{} || end != text.data() + text.size() || cpu < 0 || cpu >= CPU_SETSIZE)
    return std::nullopt;
  return cpu;
}

std::optional<CpuRange> parse_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = parse_cpu(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_cpu(text.substr(dash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  return CpuRange{*first, *last};
}

cpu_set_t set_of(const CpuRange& range) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int cpu = range.first; cpu <= range.last; ++cpu) CPU_SET(static_cast<std::size_t>(cpu), &set);
  return set;
}

}  // namespace

Result<Placement> parse_placement(std::string_view text) {
  Placement placement;
  const auto wrong = [&] {
    return fail(Errc::usage, "wants CPUs by part, as broker=0,publisher=0,subscriber=1 or broker=0-3");
  };
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) return wrong();
    const auto range = parse_range(word.substr(equals + 1));
    bool known = false;
    for (const Part& part : kParts) {
      if (part.name != word.substr(0, equals) || placement.*part.range) continue;
      placement.*part.range = range;
      known = true;
    }
    if (!known || !range) return wrong();
  }
  if (placement == Placement{}) return wrong();
  return placement;
}

std::string to_string(const Placement& placement) {
  std::string text;
  for (const Part& part : kParts) {
    const auto& range = placement.*part.range;
    if (!range) continue;
    text.append(text.empty() ? "" : ",").append(part.name).append("=").append(std::to_string(range->first));
    if (range->last != range->first) text.append("-").append(std::to_string(range->last));
  }
  return text;
}

Status check_placement(const Placement& placement) {
  cpu_set_t usable;
  CPU_ZERO(&usable);
  if (::sched_getaffinity(0, sizeof usable, &usable) != 0) return {};
  for (const Part& part : kParts) {
    const auto& range = placement.*part.range;
    if (!range) continue;
    for (int cpu = range->first; cpu <= range->last; ++cpu) {
      if (!CPU_ISSET(static_cast<std::size_t>(cpu), &usable))
        return fail(Errc::usage,
                    "--pin: this process may not run on CPU " + std::to_string(cpu) + "; choose another");
    }
  }
  return {};
}

void pin_this_thread(const std::optional<CpuRange>& cpus) {
  if (!cpus) return;
  const cpu_set_t set = set_of(*cpus);
  ::sched_setaffinity(0, sizeof set, &set);
}

}  // namespace felix::bench
