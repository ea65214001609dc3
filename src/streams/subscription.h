#pragma once
// One reader's queue, on the reactor of the reader's connection: history first, then what is published.
//
//   history   lossless, in order, paced by the reader, whatever the policy
//   live      bounded in deliveries and in bytes of memory kept alive; over a bound the policy decides
//
// A policy touches only deliveries of which nothing was taken yet. The delivery being taken is not counted
// against the bounds, and a delivery larger than the byte bound is accepted by an empty queue: it goes alone
// rather than never. So a subscription holds at most its bounds plus one delivery, plus its history.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/ring.h"
#include "base/time.h"
#include "flow/bounded_queue.h"
#include "streams/delivery.h"
#include "streams/stream.h"
#include "wire/record_run.h"

namespace felix::streams {

enum class SlowPolicy : std::uint8_t {
  drop_new,  // refuse the delivery offered
  drop_old,  // make room by dropping the oldest
  block,     // accept it, and withhold the publishers' credit until the queue is half empty
};

struct SubscriptionOptions {
  SlowPolicy policy = SlowPolicy::drop_new;
  flow::QueueBounds bounds{512, std::size_t{256} << 20};
  bool split_by_publisher = false;  // no batch holds records of two publishers
};

// Bounds of one event frame.
struct TakeLimits {
  std::uint32_t max_events = 64;
  std::size_t max_bytes = 64 * 1024;  // of the records with their length fields
};

// The records of one event frame: contiguous from base_offset, in runs to be sent one after the other.
struct EventBatch {
  struct Part {
    wire::RecordRun run;
    wire::Provenance provenance;
    MonoTime appended_at{};  // as in Delivery
  };
  Offset base_offset = 0;
  std::uint32_t count = 0;
  std::size_t bytes = 0;
  std::vector<Part> parts;
};

// What became of a delivery. `dropped` counts records: of the one offered (drop_new) or of older ones
// (drop_old).
struct Offered {
  bool queued = false;
  std::uint64_t dropped = 0;
};

class Subscription {
 public:
  // `joined` is the answer of Stream::join; deliveries are expected from its live_offset on.
  Subscription(Joined joined, const SubscriptionOptions& options);

  // A delivery of the stream, in stream order. Ignored (not queued, nothing dropped) after end().
  Offered offer(Delivery delivery);

  // Moves the records of the next event frame into `batch`, whose previous content is discarded; false when
  // nothing waits. Small contiguous deliveries are coalesced, a larger one is cut at record boundaries, a
  // single record over the limit goes alone; a frame never spans a gap in the offsets.
  bool take(const TakeLimits& limits, EventBatch& batch);
  bool has_pending() const { return started_.has_value() || !history_.empty() || !live_.empty(); }

  // Lowers the byte bound to `bytes` until told otherwise; the configured one is never passed. What is queued
  // stays; under `block` publishers are held back.
  void set_byte_bound(std::size_t bytes);
  // Gives up what is queued over the byte bound: the oldest under `drop_old`, the newest under `drop_new`,
  // nothing under `block`. Then history, and the rest of a delivery taken in part, if they are over it by
  // themselves: those who cannot be paced any more are told that they lag.
  Offered shed();

  // Closes the queue behind what is in it. The first reason stays.
  void end(Error reason);
  // The reason, once everything queued before end() has been taken; null before.
  const Error* ended() const { return end_ && !has_pending() ? &*end_ : nullptr; }

  // Policy block only: over a bound, until the queue has fallen to half of both.
  bool blocking() const { return blocking_; }
  // True once after blocking() went from true to false.
  bool take_unblocked();

  // The offset of the first record dropped since the last clear_lag(): where to resume to miss nothing. Set
  // by the offer() that drops, so the reader can be told at once.
  std::optional<Offset> lagged_at() const { return lagged_at_; }
  void clear_lag() { lagged_at_.reset(); }

  std::size_t queued_items() const { return live_.size(); }
  std::size_t queued_bytes() const { return live_.bytes(); }
  // Memory kept alive by all that was not taken.
  std::size_t held_bytes() const { return live_.bytes() + history_bytes_ + started_bytes(); }
  // Memory of the queues themselves. It stays when they are empty until it is released.
  std::size_t table_bytes() const { return live_.table_bytes() + history_.table_bytes(); }
  void release_tables();
  std::uint64_t delivered_records() const { return delivered_records_; }
  std::uint64_t dropped_records() const { return dropped_records_; }

 private:
  // The delivery to be taken next, or null.
  const Delivery* peek();
  Delivery pop();
  void drop(const Delivery& delivery, Offered& offered);
  std::size_t started_bytes() const { return started_ ? started_->run.footprint_bytes() : 0; }
  // The live queue holds at most its bounds divided by `divisor`.
  bool within(std::size_t divisor) const;

  SubscriptionOptions options_;
  std::optional<Delivery> started_;  // the rest of a delivery that was taken in part
  Ring<Delivery> history_;
  std::size_t history_bytes_ = 0;
  std::size_t byte_bound_;  // at most options_.bounds.bytes
  flow::BoundedQueue<Delivery> live_;
  std::optional<Error> end_;
  Offset next_offset_;  // the lowest offset offer() may bring
  std::optional<Offset> lagged_at_;
  bool blocking_ = false;
  bool unblocked_ = false;
  std::uint64_t delivered_records_ = 0;
  std::uint64_t dropped_records_ = 0;
};

}  // namespace felix::streams
