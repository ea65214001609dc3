#pragma once
// Time as types only: nothing here reads a clock (that is io::Clock). Monotonic time decides timers,
// leases and expiry; wall time is for people and for claims made by others.

#include <chrono>
#include <cstdint>

namespace felix {

using Duration = std::chrono::nanoseconds;

struct MonotonicEra {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = Duration;
  using time_point = std::chrono::time_point<MonotonicEra, Duration>;
  static constexpr bool is_steady = true;
};

// A point of CLOCK_MONOTONIC, in nanoseconds.
using MonoTime = MonotonicEra::time_point;
// A point of wall-clock time, in nanoseconds since 1970 UTC.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

inline constexpr MonoTime kNever = MonoTime::max();

inline std::uint64_t nanos_since_epoch(MonoTime at) {
  return static_cast<std::uint64_t>(at.time_since_epoch().count());
}
inline std::int64_t unix_seconds(WallTime at) {
  return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
}

}  // namespace felix
