#include "streams/subscription.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/contract.h"

namespace felix::streams {
namespace {

constexpr std::size_t kNoBound = std::numeric_limits<std::size_t>::max();

// Under `block` the queue takes everything: the bound is held by the publishers' credit instead.
flow::QueueBounds queue_bounds(const SubscriptionOptions& options) {
  return options.policy == SlowPolicy::block ? flow::QueueBounds{kNoBound, kNoBound} : options.bounds;
}

}  // namespace

Subscription::Subscription(Joined joined, const SubscriptionOptions& options)
    : options_(options),
      byte_bound_(options.bounds.bytes),
      live_(queue_bounds(options)),
      next_offset_(joined.live_offset) {
  FELIX_ASSERT(options.bounds.items > 0);
  for (Delivery& delivery : joined.backlog) {
    history_bytes_ += delivery.run.footprint_bytes();
    history_.push_back(std::move(delivery));
  }
}

Offered Subscription::offer(Delivery delivery) {
  Offered offered;
  if (end_) return offered;
  FELIX_ASSERT(!delivery.run.empty() && delivery.base_offset >= next_offset_);
  next_offset_ = delivery.end_offset();
  const std::size_t bytes = delivery.run.footprint_bytes();
  if (options_.policy == SlowPolicy::drop_old) {
    while (!live_.empty() && !live_.has_room_for(bytes)) drop(live_.pop_front(), offered);
  }
  if (!live_.has_room_for(bytes)) {
    drop(delivery, offered);
    return offered;
  }
  offered.queued = live_.try_push(std::move(delivery), bytes);
  FELIX_ASSERT(offered.queued);
  if (options_.policy == SlowPolicy::block && !within(1)) {
    blocking_ = true;
    unblocked_ = false;
  }
  return offered;
}

void Subscription::release_tables() {
  if (live_.empty()) live_.release_table();
  if (history_.empty()) history_.release_table();
}

bool Subscription::take(const TakeLimits& limits, EventBatch& batch) {
  FELIX_ASSERT(limits.max_events > 0);
  batch.count = 0;
  batch.bytes = 0;
  batch.parts.clear();
  while (batch.count < limits.max_events) {
    const Delivery* next = peek();
    if (next == nullptr) break;
    if (batch.count == 0) {
      batch.base_offset = next->base_offset;
    } else if (next->base_offset != batch.base_offset + batch.count ||
               next->run.count() > limits.max_events - batch.count ||
               next->run.encoded_bytes() > limits.max_bytes - batch.bytes ||
               (options_.split_by_publisher &&
                !wire::same_publisher(next->provenance, batch.parts.front().provenance))) {
      break;
    }
    Delivery delivery = pop();
    wire::RecordRun run = delivery.run.split_front(limits.max_events, limits.max_bytes);
    batch.count += run.count();
    batch.bytes += run.encoded_bytes();
    const bool in_part = !delivery.run.empty();
    batch.parts.push_back({std::move(run), in_part ? delivery.provenance : std::move(delivery.provenance),
                           delivery.appended_at});
    if (in_part) {
      delivery.base_offset = batch.base_offset + batch.count;
      started_ = std::move(delivery);
      break;
    }
    if (batch.bytes >= limits.max_bytes) break;
  }
  delivered_records_ += batch.count;
  if (blocking_ && within(2)) {
    blocking_ = false;
    unblocked_ = true;
  }
  return batch.count > 0;
}

void Subscription::set_byte_bound(std::size_t bytes) {
  byte_bound_ = std::min(bytes, options_.bounds.bytes);
  if (options_.policy != SlowPolicy::block) return live_.set_byte_bound(byte_bound_);
  if (!blocking_ && !within(1)) {
    blocking_ = true;
    unblocked_ = false;
  }
}

Offered Subscription::shed() {
  Offered offered;
  if (options_.policy == SlowPolicy::block) return offered;
  const auto over = [this] { return live_.bytes() > byte_bound_; };
  if (options_.policy == SlowPolicy::drop_old) {
    offered.queued = true;  // what is newest stays
    while (over()) drop(live_.pop_front(), offered);
  }
  while (over()) drop(live_.pop_back(), offered);
  while (history_bytes_ > byte_bound_) {
    const Delivery last = history_.pop_back();
    history_bytes_ -= last.run.footprint_bytes();
    drop(last, offered);
  }
  if (started_bytes() > byte_bound_) {
    drop(*started_, offered);
    started_.reset();
  }
  return offered;
}

void Subscription::end(Error reason) {
  if (!end_) end_ = std::move(reason);
}

bool Subscription::take_unblocked() { return std::exchange(unblocked_, false); }

const Delivery* Subscription::peek() {
  if (started_) return &*started_;
  if (!history_.empty()) return &history_.front();
  return live_.empty() ? nullptr : &live_.front();
}

Delivery Subscription::pop() {
  if (started_) {
    Delivery rest = *std::move(started_);
    started_.reset();
    return rest;
  }
  if (history_.empty()) return live_.pop_front();
  Delivery next = history_.pop_front();
  history_bytes_ -= next.run.footprint_bytes();
  return next;
}

void Subscription::drop(const Delivery& delivery, Offered& offered) {
  if (!lagged_at_ || *lagged_at_ > delivery.base_offset) lagged_at_ = delivery.base_offset;
  offered.dropped += delivery.run.count();
  dropped_records_ += delivery.run.count();
}

bool Subscription::within(std::size_t divisor) const {
  return live_.size() <= options_.bounds.items / divisor && live_.bytes() <= byte_bound_ / divisor;
}

}  // namespace felix::streams
