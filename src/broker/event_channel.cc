#include "broker/event_channel.h"

#include <utility>

#include "flow/compact.h"
#include "telemetry/log.h"
#include "wire/event_prefix.h"
#include "wire/flags.h"
#include "wire/json_codec.h"

namespace felix::broker {
namespace {

telemetry::Logger logger("broker");
constinit telemetry::LogLimiter lag_limiter;

// A reader to whom nothing could be handed for so long does not keep up.
constexpr Duration kStalledAfter = std::chrono::milliseconds(20);

// Fields that need more of a delivery than its records.
constexpr std::uint16_t kProvenanceFlags = wire::kEventBatchPublisher | wire::kEventBatchTimestamps;

streams::SubscriptionOptions options_for(const EventFormat& format, streams::SubscriptionOptions options) {
  options.split_by_publisher = (format.peer_flags & wire::kEventBatchPublisher) != 0;
  return options;
}

}  // namespace

EventChannel::EventChannel(flow::Port& port, ShardId shard, EventFormat format, streams::Joined joined,
                           const streams::SubscriptionOptions& options, const streams::TakeLimits& limits,
                           Metrics& metrics, TimedRuns& timed, std::function<void(bool)> on_blocking)
    : port_(port),
      shard_(shard),
      format_(std::move(format)),
      limits_(limits),
      metrics_(metrics),
      timed_(timed),
      on_blocking_(std::move(on_blocking)),
      subscription_(std::move(joined), options_for(format_, options)) {
  metrics_.subscriptions.add(1);
}

EventChannel::~EventChannel() {
  metrics_.subscriptions.add(-1);
  metrics_.queue_length.add(-static_cast<std::int64_t>(counted_items_));
  metrics_.queue_tables.add(-static_cast<std::int64_t>(counted_table_bytes_));
  if (blocking_) on_blocking_(false);
}

void EventChannel::offer(const streams::Delivery& delivery) {
  const bool lagged_before = subscription_.lagged_at().has_value();
  streams::Delivery own{delivery.base_offset, delivery.run, {}, delivery.appended_at};
  if (wants(kProvenanceFlags)) own.provenance = delivery.provenance;
  const streams::Offered offered = subscription_.offer(std::move(own));
  if (offered.queued) metrics_.queue_enqueued.add();
  if (offered.dropped > 0)
    (offered.queued ? metrics_.dropped_oldest : metrics_.dropped_queue_full).add(offered.dropped);
  if (!lagged_before && subscription_.lagged_at()) note_lag(offered);
  note_blocking();
}

void EventChannel::note_lag(const streams::Offered& offered) {
  const Offset first_dropped = *subscription_.lagged_at();
  metrics_.subscriptions_lagged.add();
  FELIX_LOG_LIMITED(logger, lag_limiter, warn, "subscriber too slow, records dropped",
                    {"stream", format_.stream}, {"first_dropped", first_dropped});
  if (offered.queued || !format_.reads_lagged) return;  // the gap shows in the offsets of what follows
  resume_from_ = first_dropped;
  end(Error{Errc::overloaded, "the subscriber is too slow"});
}

bool EventChannel::bound(const FanoutPressure& pressure, MonoTime now) {
  // Who comes under pressure shall not keep a large frame alive by the little the transport has of it.
  compact_ = pressure.any();
  if (pressure.any()) subscription_.release_tables();
  note_tables();
  const bool left_alone = !pressure.any() || held_bytes() <= pressure.free_bytes;
  const std::size_t share = left_alone ? SIZE_MAX : pressure.share_bytes;
  unsent_target_bytes_ = std::min(kUnsentTargetBytes, share / 2);
  subscription_.set_byte_bound(share);
  std::uint64_t dropped = 0;
  if (!left_alone && (pressure.full || (pressure.shedding && now - taken_at_ > kStalledAfter))) {
    const bool lagged_before = subscription_.lagged_at().has_value();
    const streams::Offered shed = subscription_.shed();
    dropped = shed.dropped;
    metrics_.dropped_memory.add(dropped);
    if (!lagged_before && subscription_.lagged_at()) note_lag(shed);
    // One that was ended by its lag before has lost more, from the back of its queue.
    if (resume_from_ && subscription_.lagged_at())
      resume_from_ = std::min(*resume_from_, *subscription_.lagged_at());
  }
  note_blocking();
  return dropped > 0;
}

MonoTime EventChannel::due(Duration delay) const {
  if (delay.count() == 0 || waiting_since_ == kNever) return MonoTime{};
  const bool frame_full =
      subscription_.queued_items() >= limits_.max_events || subscription_.queued_bytes() >= limits_.max_bytes;
  return frame_full ? MonoTime{} : waiting_since_ + delay;
}

void EventChannel::pump(MonoTime now) {
  waiting_since_ = kNever;
  if (!released_) return;
  streams::EventBatch batch;
  while (port_.unsent_bytes() < unsent_target_bytes_ && subscription_.take(limits_, batch)) {
    taken_at_ = now;
    write(batch);
    metrics_.queue_dequeued.add(batch.parts.size());
    metrics_.delivered_records.add(batch.count);
    metrics_.delivered_bytes.add(batch.bytes);
    for (const auto& part : batch.parts) {
      if (part.appended_at != MonoTime{})
        // The turn of the home reactor that appended may have begun after ours.
        metrics_.delivery_latency.record(
            static_cast<std::uint64_t>(std::max<Duration::rep>((now - part.appended_at).count(), 0)));
    }
  }
  const std::size_t items = subscription_.queued_items();
  metrics_.queue_length.add(static_cast<std::int64_t>(items) - static_cast<std::int64_t>(counted_items_));
  counted_items_ = items;
  note_tables();
  if (!subscription_.has_pending()) subscription_.clear_lag();
  note_blocking();
  if (subscription_.ended() != nullptr && !std::exchange(finished_, true)) finish();
}

void EventChannel::finish() {
  if (resume_from_)
    port_.write({}, wire::encode_frame(wire::SubscriptionLagged{format_.wire_id, *resume_from_}));
  port_.finish();
}

void EventChannel::write(const streams::EventBatch& batch) {
  wire::EventPrefix prefix;
  if (!wants(wire::kBinaryEventBatchShared)) {
    if (!wants(wire::kBinaryEventBatch)) return write_json(batch);
    prefix.subscription_id = format_.wire_id;
  }
  if (wants(wire::kEventBatchOffsets)) prefix.base_offset = batch.base_offset;
  if (wants(wire::kEventBatchPublisher)) {
    const std::string* publisher = batch.parts.front().provenance.publisher.get();
    prefix.publisher = publisher != nullptr ? std::string_view(*publisher) : std::string_view();
  }
  prefix.timestamps = wants(wire::kEventBatchTimestamps);
  prefix.count = batch.count;
  prefix.body_bytes = batch.bytes + (prefix.timestamps ? wire::kTimestampBytes * batch.count : 0);
  const wire::EventHead head = wire::encode_event_prefix(prefix);
  flow::InlineBytes front;
  if (head.size() <= flow::InlineBytes::kCapacity) {
    front.append(head.bytes());
  } else {
    port_.write({}, flow::Slice::copy_of(head.bytes()));
  }
  for (const auto& part : batch.parts) {
    port_.write(std::exchange(front, {}), prefix.timestamps
                                              ? timed_.of(part.run, part.provenance.appended_at_us)
                                          : compact_ ? flow::compacted(part.run.slice())
                                                     : part.run.slice());
  }
}

void EventChannel::write_json(const streams::EventBatch& batch) {
  wire::Event event{true, format_.tenant_id, format_.namespace_id, format_.stream, {}, std::nullopt};
  if (wants(wire::kEventBatchOffsets)) event.offset = batch.base_offset;
  for (const auto& part : batch.parts) {
    event.records = part.run;
    port_.write({}, wire::encode_frame(event));
    if (event.offset) *event.offset += part.run.count();
  }
}

void EventChannel::abandon() {
  finished_ = true;
  released_ = false;
  port_.finish();
}

void EventChannel::end(Error reason) { subscription_.end(std::move(reason)); }

void EventChannel::note_tables() {
  const std::size_t bytes = subscription_.table_bytes() + port_.table_bytes();
  metrics_.queue_tables.add(static_cast<std::int64_t>(bytes) -
                            static_cast<std::int64_t>(counted_table_bytes_));
  counted_table_bytes_ = bytes;
}

void EventChannel::note_blocking() {
  if (subscription_.blocking() == blocking_) return;
  blocking_ = !blocking_;
  on_blocking_(blocking_);
}

}  // namespace felix::broker
