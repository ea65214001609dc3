#pragma once
// On which CPUs the parts of a measurement run, so that two of them can be compared with everything standing
// in the same place.

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace felix::bench {

struct CpuRange {
  int first = 0;
  int last = 0;  // >= first

  bool operator==(const CpuRange&) const = default;
};

// Nothing: where the system puts it.
struct Placement {
  std::optional<CpuRange> broker;  // and the relay of the floor, which stands for it
  std::optional<CpuRange> publisher;
  std::optional<CpuRange> subscriber;

  bool operator==(const Placement&) const = default;
};

// "broker=0,publisher=0-1,subscriber=1", each part at most once. usage: anything else.
Result<Placement> parse_placement(std::string_view text);
// The same text again; empty where nothing is pinned.
std::string to_string(const Placement& placement);
// usage: a CPU that this process may not use.
Status check_placement(const Placement& placement);
// Safe between fork and exec. Without a range, or when the system refuses, the thread stays where it is.
void pin_this_thread(const std::optional<CpuRange>& cpus);

}  // namespace felix::bench
