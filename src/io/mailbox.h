#pragma once
// Messages from one thread to another: a bounded single-producer single-consumer ring, and a wake-up that is
// written only when the consumer's loop sleeps.

#include <atomic>
#include <bit>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/contract.h"
#include "io/loop.h"

namespace felix::io {

template <class T>
class Mailbox {
 public:
  // `consumer` is the loop that drains; `capacity` > 0 is rounded up to a power of two.
  Mailbox(Loop& consumer, std::size_t capacity)
      : consumer_(consumer), slots_(std::bit_ceil(capacity)), mask_(slots_.size() - 1) {}
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  // Producer thread. False, and `message` untouched, when full.
  bool try_post(T&& message) {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_.load(std::memory_order_acquire) == slots_.size()) return false;
    slots_[tail & mask_] = std::move(message);
    tail_.store(tail + 1, std::memory_order_seq_cst);
    if (consumer_.sleeping()) consumer_.wake();
    return true;
  }

  // Consumer thread. Takes at most `limit` messages; returns how many.
  template <class Visit>
  std::size_t drain(std::size_t limit, Visit&& visit) {
    std::size_t taken = 0;
    for (; taken < limit; ++taken) {
      const std::size_t head = head_.load(std::memory_order_relaxed);
      if (head == tail_.load(std::memory_order_seq_cst)) break;
      T message = std::exchange(slots_[head & mask_], T{});
      head_.store(head + 1, std::memory_order_release);
      visit(std::move(message));
    }
    return taken;
  }
  // Consumer thread; also the loop's last look before it sleeps (an end-of-turn hook returns !empty()).
  bool empty() const {
    return head_.load(std::memory_order_relaxed) == tail_.load(std::memory_order_seq_cst);
  }

 private:
  Loop& consumer_;
  std::vector<T> slots_;
  std::size_t mask_;
  alignas(64) std::atomic<std::size_t> head_{0};
  alignas(64) std::atomic<std::size_t> tail_{0};
};

}  // namespace felix::io
