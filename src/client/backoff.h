#pragma once
// Waiting times between attempts: doubling, and spread at random so that clients which lost the same broker
// do not return as one wave. Pure; the seed differs per client.

#include <algorithm>
#include <cstdint>
#include <random>

#include "base/time.h"

namespace felix::client {

class Backoff {
 public:
  Backoff(Duration initial, Duration max, std::uint64_t seed)
      : initial_(initial), max_(max), next_(initial), random_(seed) {}

  // Between half of the present step and the whole of it; the step doubles.
  Duration next() {
    const Duration step = next_;
    next_ = std::min(max_, step * 2);
    std::uniform_int_distribution<std::int64_t> spread(step.count() / 2, step.count());
    return Duration(spread(random_));
  }
  void reset() { next_ = initial_; }

 private:
  const Duration initial_;
  const Duration max_;
  Duration next_;
  std::minstd_rand random_;
};

}  // namespace felix::client
