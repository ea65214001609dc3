#pragma once
// Time that passes by what is done, not by how long it takes: each step of the bed moves it, and each look a
// little, so that code which waits by looking gets to the end of its wait. The same run sees the same times.

#include "io/clock.h"

namespace felix::cost {

class SteppedClock final : public io::Clock {
 public:
  explicit SteppedClock(WallTime began) : began_(began) {}

  MonoTime now() const override { return kBegin + (elapsed_ += kLook); }
  WallTime wall_now() const override { return began_ + elapsed_; }
  void step() { elapsed_ += kStep; }

 private:
  static constexpr MonoTime kBegin{std::chrono::hours(1)};
  static constexpr Duration kLook = std::chrono::nanoseconds(20);
  static constexpr Duration kStep = std::chrono::microseconds(20);

  const WallTime began_;
  mutable Duration elapsed_{};
};

}  // namespace felix::cost
