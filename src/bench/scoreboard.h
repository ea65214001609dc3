#pragma once
// What publishers, subscribers and the conductor of a run know of each other while it lasts. It lies in
// memory that forked processes share, and holds nothing but lock-free words, so threads and processes use it
// alike.

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/error.h"
#include "bench/result.h"
#include "bench/waker.h"

namespace felix::bench {

class Scoreboard {
 public:
  static constexpr std::size_t kMaxIntervals = 400;

  // Written by one client each, read by all. A cache line's distance between them.
  struct alignas(128) PublisherRow {
    std::atomic<std::uint64_t> submitted{0};  // records, warm-up included
    std::atomic<bool> waiting{false};         // for deliveries; to be woken
    std::atomic<bool> done{false};            // `submitted` is final
  };
  struct alignas(128) SubscriberRow {
    std::atomic<std::uint64_t> accounted{0};  // records received or said to be dropped
    std::atomic<std::uint32_t> intervals{0};  // of `timeline` that are complete
    TimelinePoint timeline[kMaxIntervals];
  };
  // Set by the conductor before it says go.
  struct Times {
    std::uint64_t start_ns = 0;    // the first record is due
    std::uint64_t measure_ns = 0;  // the warm-up has ended
    std::uint64_t until_ns = 0;    // nothing is sent any more
    std::uint64_t interval_ns = 0;
  };

  static Result<std::unique_ptr<Scoreboard>> create(std::size_t publishers, std::size_t subscribers);
  ~Scoreboard();
  Scoreboard(const Scoreboard&) = delete;
  Scoreboard& operator=(const Scoreboard&) = delete;

  std::span<PublisherRow> publishers() const { return publishers_; }
  std::span<SubscriberRow> subscribers() const { return subscribers_; }
  const Waker& publisher_waker(std::size_t i) const { return wakers_[i]; }
  const Waker& subscriber_waker(std::size_t i) const { return wakers_[publishers_.size() + i]; }
  const Waker& conductor_waker() const { return wakers_.back(); }
  void ring_publishers() const;
  void ring_subscribers() const;
  void ring_all() const;

  // Publishers connected, subscribers live.
  void add_ready();
  bool all_ready() const;
  // Clients that have nothing left to do, well or badly.
  void add_finished();
  bool all_finished() const;

  void go(const Times& times);
  // Null before go().
  const Times* times() const { return board_->go.load(std::memory_order_acquire) ? &board_->times : nullptr; }
  // Somebody failed or the user has enough: everyone ends.
  void abort();
  bool aborted() const { return board_->aborted.load(std::memory_order_relaxed); }

  // All publishers are done; their records add up to submitted().
  bool publishers_done() const;
  std::uint64_t submitted() const;
  // Records that every subscriber has accounted for.
  std::uint64_t delivered_to_all() const;

 private:
  struct Board {
    std::atomic<std::uint32_t> ready{0};
    std::atomic<std::uint32_t> finished{0};
    std::atomic<bool> go{false};
    std::atomic<bool> aborted{false};
    Times times;
  };
  Scoreboard() = default;

  void* memory_ = nullptr;
  std::size_t memory_bytes_ = 0;
  Board* board_ = nullptr;
  std::span<PublisherRow> publishers_;
  std::span<SubscriberRow> subscribers_;
  std::vector<Waker> wakers_;
};

}  // namespace felix::bench
