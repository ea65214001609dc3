#pragma once
// The system's clock, with a time of day that a test may set: what is a year away comes at once, and no timer
// notices.

#include <atomic>

#include "io/clock.h"

namespace felix::test {

class SteppedClock final : public io::Clock {
 public:
  MonoTime now() const override { return system_.now(); }
  WallTime wall_now() const override { return system_.wall_now() + ahead_.load(std::memory_order_relaxed); }

  // Any thread.
  void step(Duration by) { ahead_.store(ahead_.load(std::memory_order_relaxed) + by); }

 private:
  io::SystemClock system_;
  std::atomic<Duration> ahead_{Duration::zero()};
};

}  // namespace felix::test
