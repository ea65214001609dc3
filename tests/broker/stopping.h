#pragma once
// A broker stopped on a thread of its own, so that a test can turn its clients meanwhile: what a drain waits
// for is theirs to acknowledge.

#include <atomic>
#include <thread>

#include "broker/running_broker.h"

namespace felix::test {

class Stopping {
 public:
  explicit Stopping(RunningBroker& broker)
      : thread_([this, &broker] {
          took_ = broker.stop();
          over_.store(true, std::memory_order_release);
        }) {}
  ~Stopping() { thread_.join(); }
  bool over() const { return over_.load(std::memory_order_acquire); }
  // Valid once over.
  Duration took() const { return took_; }

 private:
  Duration took_{};
  std::atomic<bool> over_{false};
  std::thread thread_;
};

}  // namespace felix::test
