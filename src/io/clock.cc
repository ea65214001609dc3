#include "io/clock.h"

#include <time.h>

namespace felix::io {
namespace {

Duration read(clockid_t id) {
  timespec at{};
  clock_gettime(id, &at);
  return std::chrono::seconds(at.tv_sec) + std::chrono::nanoseconds(at.tv_nsec);
}

}  // namespace

MonoTime SystemClock::now() const { return MonoTime(read(CLOCK_MONOTONIC)); }
WallTime SystemClock::wall_now() const { return WallTime(read(CLOCK_REALTIME)); }

}  // namespace felix::io
