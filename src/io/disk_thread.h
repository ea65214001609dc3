#pragma once
// The thread that may wait for a disk: a loop, turned by a thread of its own from start() until the loop is
// told to stop. What it does is put into the loop before it starts.

#include <memory>
#include <thread>

#include "base/contract.h"
#include "base/error.h"
#include "io/clock.h"
#include "io/loop.h"

namespace felix::io {

class DiskThread {
 public:
  static Result<std::unique_ptr<DiskThread>> create(const Clock& clock) {
    FELIX_TRY(auto loop, Loop::create(clock));
    return std::unique_ptr<DiskThread>(new DiskThread(std::move(loop)));
  }
  DiskThread(const DiskThread&) = delete;
  DiskThread& operator=(const DiskThread&) = delete;
  // It must have been joined, or never started.
  ~DiskThread() { FELIX_ASSERT(!thread_.joinable()); }

  Loop& loop() { return *loop_; }
  void start() {
    thread_ = std::thread([this] { loop_->run(); });
  }
  // Waits until the loop has been stopped and its last turn is over.
  void join() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  explicit DiskThread(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}

  std::unique_ptr<Loop> loop_;
  std::thread thread_;
};

}  // namespace felix::io
