#pragma once
// The only place that reads time. One of the three virtual seams: tests drive a manual clock.

#include "base/time.h"

namespace felix::io {

class Clock {
 public:
  virtual ~Clock() = default;
  // CLOCK_MONOTONIC: decides timers, expiry and deadlines.
  virtual MonoTime now() const = 0;
  // CLOCK_REALTIME: for logs, token claims and record timestamps.
  virtual WallTime wall_now() const = 0;
};

class SystemClock final : public Clock {
 public:
  MonoTime now() const override;
  WallTime wall_now() const override;
};

}  // namespace felix::io
