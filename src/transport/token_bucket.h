#pragma once
// So many per second, and a reserve for bursts. Pure; eight bytes of state (the generic cell rate algorithm).

#include <algorithm>
#include <cstdint>

#include "base/time.h"

namespace felix::transport {

struct Rate {
  std::uint32_t per_second;  // above 0
  std::uint32_t burst;
};

class TokenBucket {
 public:
  // Takes `count` tokens; false, and takes none, when there are fewer.
  bool take(const Rate& rate, MonoTime now, std::uint64_t count = 1) {
    const Duration each = std::chrono::nanoseconds(1'000'000'000 / rate.per_second);
    const MonoTime empty_until = std::max(spent_until_, now) + each * count;
    if (empty_until - now > each * rate.burst) return false;
    spent_until_ = empty_until;
    return true;
  }
  void give_back(const Rate& rate, std::uint64_t count = 1) {
    spent_until_ -= std::chrono::nanoseconds(1'000'000'000 / rate.per_second) * count;
  }

 private:
  MonoTime spent_until_{};  // when all that was taken has come back; not later than now: the bucket is full
};

}  // namespace felix::transport
