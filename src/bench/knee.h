#pragma once
// Where latency leaves the ground as load rises. Pure.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "bench/result.h"

namespace felix::bench {

// Which rates a sweep measures: doubling from the first until one is beyond the knee, then halving the
// interval that has the knee in it. A rate that seems beyond is measured once more, because a disturbance of
// the machine looks just like it; the better outcome counts.
class KneeSearch {
 public:
  // A load is beyond the knee when it was not kept up with, or its p99 is over so many times the best p99 of
  // the lower loads.
  static constexpr double kMaxRise = 5;
  // A load counts as kept up with when this share of it was delivered in time.
  static constexpr double kMinShare = 0.97;

  // `refinements`: halvings after the knee was passed. Rates > 0.
  KneeSearch(double first_per_s, double last_per_s, unsigned refinements);

  // The next rate to measure; absent when done.
  std::optional<double> next() const { return next_; }
  // The outcome of that rate.
  void add(const SweepPoint& point);

  // The highest rate measured that was still on this side; 0 when not even the first.
  double knee_per_s() const { return good_; }
  // The knee was passed: a higher rate was measured beyond it.
  bool passed() const { return bad_ > 0; }

 private:
  double last_;
  unsigned refinements_;
  std::optional<double> next_;
  double good_ = 0;
  double bad_ = 0;
  std::uint64_t best_p99_ns_ = 0;
  bool doubted_ = false;  // the next outcome is of a rate that was measured before
};

}  // namespace felix::bench
