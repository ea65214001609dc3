#pragma once
// Ends the sleep of a loop in another thread or in a forked process: a pipe with at most a few bytes in it.

#include <functional>
#include <memory>

#include "base/error.h"
#include "io/loop.h"

namespace felix::bench {

class Waker {
 public:
  // storage: no descriptors are left.
  static Result<Waker> create();
  Waker(Waker&& other) noexcept;
  Waker& operator=(Waker&&) = delete;
  ~Waker();

  // Any thread and process that has it.
  void ring() const;
  // `on_ring` runs on the loop's thread, once for any number of rings. The Waker must outlive the watch.
  std::unique_ptr<io::Watch> watch(io::Loop& loop, std::function<void()> on_ring) const;

 private:
  Waker(int read_fd, int write_fd) : read_fd_(read_fd), write_fd_(write_fd) {}

  int read_fd_;
  int write_fd_;
};

}  // namespace felix::bench
