#pragma once
// What the fan-out account asks of the subscriptions of one reactor (broker/memory_accounts.h): nothing while
// it is half empty. Then those that hold more than their share of it are bounded to that share, and as it
// fills, give up what is over it: first those whose reader takes nothing. Who holds little is left alone,
// however full the account is.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "broker/memory_accounts.h"

namespace felix::broker {

struct FanoutPressure {
  // Who holds no more than free_bytes is not asked for anything: a reader that keeps up has this much under
  // way. Less where there are so many readers that all of them together would fill a quarter of the account.
  static constexpr std::size_t kFreeBytes = 256 * 1024;
  static constexpr std::size_t kLeastFreeBytes = 2 * 1024;

  std::size_t free_bytes = kFreeBytes;
  std::size_t share_bytes = SIZE_MAX;  // of one subscription that holds more
  bool shedding = false;               // those of them whose reader takes nothing give up what is over it
  bool full = false;                   // and the others, too

  bool any() const { return share_bytes != SIZE_MAX; }
};

class FanoutGuard {
 public:
  FanoutGuard(const MemoryAccounts& accounts, ReactorAccounts& own) : accounts_(accounts), own_(own) {}

  // Whether it is time to look again: often enough that little can be published in between.
  bool due(MonoTime now) const { return now >= due_; }
  // `count_holders(free_bytes)`: this reactor's subscriptions that hold more than that; asked only when the
  // account fills.
  template <class CountHolders>
  FanoutPressure look(MonoTime now, CountHolders&& count_holders) {
    due_ = now + kInterval;
    const std::size_t used = accounts_.fanout_bytes();
    const std::size_t limit = accounts_.fanout_limit_bytes();
    if (used <= limit / 2) {
      if (holders_ > 0) own_.fanout_holders.store(holders_ = 0, std::memory_order_relaxed);
      return {};
    }
    const std::size_t subscriptions = std::max<std::size_t>(accounts_.subscriptions(), 1);
    const std::size_t free_bytes =
        std::clamp(limit / 4 / subscriptions, FanoutPressure::kLeastFreeBytes, FanoutPressure::kFreeBytes);
    holders_ = static_cast<std::size_t>(count_holders(free_bytes));
    own_.fanout_holders.store(holders_, std::memory_order_relaxed);
    const std::size_t holders = std::max<std::size_t>(accounts_.fanout_holders(), 1);
    return {free_bytes, limit / 2 / holders, used > limit / 4 * 3, used > limit / 16 * 15};
  }

 private:
  static constexpr Duration kInterval = std::chrono::milliseconds(1);

  const MemoryAccounts& accounts_;
  ReactorAccounts& own_;
  std::size_t holders_ = 0;
  MonoTime due_{};
};

}  // namespace felix::broker
