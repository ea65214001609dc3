#pragma once
// One subscription's way to its reader: the queue, and the QUIC channel its events leave on (wire protocol
// section 8.2). It writes as much as the transport can use, and waits with the rest, where policies can act.
//
// A reader too slow for `drop_new` that reads `subscription_lagged` is told at once: its subscription ends
// behind what was queued before the first drop, with the offset to resume from, so it has missed nothing yet.
// Under `drop_old` the newest records are queued behind the gap, whose offsets tell of it.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "broker/command.h"
#include "broker/fanout_pressure.h"
#include "broker/metrics.h"
#include "broker/timed_runs.h"
#include "streams/subscription.h"
#include "transport/channel.h"

namespace felix::broker {

// What the reader offered in its handshake.
struct EventFormat {
  std::uint16_t peer_flags = 0;
  bool reads_lagged = false;  // kFeatureSubscriptionLagged
  SubscriptionId wire_id;     // as told to the reader: its own choice, or ours
  // For readers that understand no binary events.
  std::string tenant_id;
  std::string namespace_id;
  std::string stream;
};

class EventChannel {
 public:
  // `on_blocking` tells when a reader of policy `block` is full, and when it has room again.
  EventChannel(flow::Port& port, ShardId shard, EventFormat format, streams::Joined joined,
               const streams::SubscriptionOptions& options, const streams::TakeLimits& limits,
               Metrics& metrics, TimedRuns& timed, std::function<void(bool)> on_blocking);
  ~EventChannel();
  EventChannel(const EventChannel&) = delete;
  EventChannel& operator=(const EventChannel&) = delete;

  ShardId shard() const { return shard_; }
  void offer(const streams::Delivery& delivery);
  // Nothing but the hello leaves before the reader has its answer: what comes meanwhile is queued.
  void release() { released_ = true; }
  // Hands events to the transport while it has use for them.
  void pump(MonoTime now);
  // What its reader makes us hold: queued here, or with the transport and not acknowledged.
  std::size_t held_bytes() const {
    return subscription_.held_bytes() + port_.queued_bytes() + counted_table_bytes_;
  }
  // The fan-out account fills, or has room again (broker/fanout_pressure.h). True when something was given
  // up: then there is something to tell the reader.
  bool bound(const FanoutPressure& pressure, MonoTime now);
  // What its reader was not handed yet: deliveries of the live queue, one for any history.
  std::size_t waiting_batches() const {
    return std::max<std::size_t>(subscription_.queued_items(), subscription_.has_pending() ? 1 : 0);
  }
  std::uint64_t handed_records() const { return subscription_.delivered_records(); }
  // Something waits since `now`, unless something waited before.
  void note_waiting(MonoTime now) { waiting_since_ = std::min(waiting_since_, now); }
  // When to pump: at once, or `delay` after the first event began to wait, or when a frame is full.
  MonoTime due(Duration delay) const;
  // The reader gave up before it had its answer: nothing more leaves.
  void abandon();
  // After what is queued, the channel ends.
  void end(Error reason);

  ListHook<EventChannel> dirty_hook_;  // in the reactor's list of channels to pump this turn

 private:
  void write(const streams::EventBatch& batch);
  void write_json(const streams::EventBatch& batch);
  bool wants(std::uint16_t flag) const { return (format_.peer_flags & flag) != 0; }
  void note_lag(const streams::Offered& offered);
  void finish();
  void note_blocking();
  void note_tables();

  // What the transport may hold unsent for one reader: enough to keep it busy for a turn, no more, because
  // the reader's policy cannot touch it there.
  static constexpr std::size_t kUnsentTargetBytes = 256 * 1024;

  flow::Port& port_;
  const ShardId shard_;
  const EventFormat format_;
  const streams::TakeLimits limits_;
  Metrics& metrics_;
  TimedRuns& timed_;
  std::function<void(bool)> on_blocking_;
  streams::Subscription subscription_;
  // As shown in the gauges.
  std::size_t counted_items_ = 0;
  std::size_t counted_table_bytes_ = 0;
  MonoTime waiting_since_ = kNever;
  std::optional<Offset> resume_from_;  // ended by its own lag
  bool released_ = false;
  MonoTime taken_at_{};                                   // something was handed to the transport
  std::size_t unsent_target_bytes_ = kUnsentTargetBytes;  // with the transport, and not sent
  bool compact_ = false;  // a small view of a large frame is copied for the transport
  bool blocking_ = false;
  bool finished_ = false;
};

}  // namespace felix::broker
