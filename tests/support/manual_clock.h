#pragma once
// A clock that stands still until a test moves it.

#include "io/clock.h"

namespace felix::test {

class ManualClock final : public io::Clock {
 public:
  MonoTime now() const override { return now_; }
  WallTime wall_now() const override { return wall_now_; }

  // Moves both times on; negative steps move only what may jump, the wall clock.
  void advance(Duration step) {
    if (step > Duration::zero()) now_ += step;
    wall_now_ += step;
  }
  // To `at` or later; never back.
  void advance_to(MonoTime at) {
    if (at > now_) advance(at - now_);
  }

 private:
  MonoTime now_{std::chrono::hours(1)};
  WallTime wall_now_{std::chrono::seconds(1'700'000'000)};
};

}  // namespace felix::test
