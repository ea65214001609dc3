#include "client/event_channel.h"

#include <utility>

#include "client/message.h"
#include "client/options.h"

namespace felix::client {

EventChannel::EventChannel(std::uint32_t max_payload_bytes,
                           std::function<void(const std::shared_ptr<EventChannel>&, SubscriptionId)> on_hello)
    : on_hello_(std::move(on_hello)), reader_(max_payload_bytes) {}

void EventChannel::on_bytes(Bytes bytes) {
  received_ += bytes.size();
  if (!ended_) reader_.push(bytes);
}

void EventChannel::on_readable(bool peer_finished, bool peer_reset, std::uint64_t reset_code) {
  const auto alive = shared_from_this();
  peer_finished_ = peer_finished;
  peer_reset_ = peer_reset;
  reset_code_ = reset_code;
  drain();
}

void EventChannel::adopt(EventChannelEvents events) {
  events_ = std::move(events);
  adopted_ = true;
  const auto alive = shared_from_this();
  drain();
}

void EventChannel::drain() {
  wire::IncomingFrame frame;
  while (!ended_ && (!id_ || adopted_)) {
    const Result<bool> more = reader_.next(frame);
    if (!more) return end(more.error());
    if (!*more) {
      if (peer_reset_ && reset_code_ == error_row(Errc::unauthenticated).wire_code)
        return end(Error{Errc::unauthenticated, "the token has expired or was revoked; get a new one"});
      if (peer_reset_) return end(Error{Errc::unavailable, "the broker abandoned the event channel"});
      if (!peer_finished_) break;
      if (reader_.end_state() == wire::StreamEnd::in_payload)
        return end(Error{Errc::malformed, "the broker ended the event channel inside a frame"});
      return end(std::nullopt);
    }
    framed_ += wire::kHeaderBytes + frame.payload.size();
    if (const Status status = id_ ? take(frame) : take_first(frame); !status) return end(status.error());
  }
  grant();
}

Status EventChannel::take_first(const wire::IncomingFrame& frame) {
  taken_ += wire::kHeaderBytes + frame.payload.size();
  if (frame.flags != 0) return fail(Errc::malformed, "an event channel must begin with a hello");
  FELIX_TRY(const wire::ServerMessage message, parse_message(frame));
  const auto* hello = std::get_if<wire::EventStreamHello>(&message);
  if (hello == nullptr) return fail(Errc::malformed, "an event channel must begin with a hello");
  id_ = hello->subscription_id;
  if (on_hello_) on_hello_(shared_from_this(), *id_);
  return {};
}

Status EventChannel::take(const wire::IncomingFrame& frame) {
  const std::size_t frame_bytes = wire::kHeaderBytes + frame.payload.size();
  FELIX_TRY(const wire::FrameKind kind, wire::check_flags(frame.flags, kReadableFlags));
  if (kind == wire::FrameKind::json) return take_message(frame);
  if (kind != wire::FrameKind::event_batch)
    return fail(Errc::malformed, "the broker sent something else than events on an event channel");
  FELIX_TRY(wire::EventBatch batch, wire::parse_event_batch(frame.flags, frame.payload));
  if (batch.subscription_id && *batch.subscription_id != *id_) {
    taken_ += frame_bytes;
    return {};
  }
  ReceivedBatch received;
  received.base_offset = batch.base_offset;
  received.skipped_before = batch.skipped_before.value_or(0);
  received.publisher = batch.publisher.value_or("");
  received.timestamps_us = std::move(batch.timestamps_us);
  received.records = std::move(batch.records);
  deliver(std::move(received), frame_bytes);
  return {};
}

// Brokers send the binary forms; the JSON ones are legal. Words that were never offered are not for us.
Status EventChannel::take_message(const wire::IncomingFrame& frame) {
  const std::size_t frame_bytes = wire::kHeaderBytes + frame.payload.size();
  FELIX_TRY(wire::ServerMessage message, parse_message(frame));
  auto* event = std::get_if<wire::Event>(&message);
  if (event == nullptr) {
    taken_ += frame_bytes;
    const auto* lagged = std::get_if<wire::SubscriptionLagged>(&message);
    if (lagged != nullptr && lagged->subscription_id == *id_ && events_.on_lagged)
      events_.on_lagged(lagged->resume_from);
    return {};
  }
  ReceivedBatch received;
  received.base_offset = event->offset;
  received.records = std::move(event->records);
  deliver(std::move(received), frame_bytes);
  return {};
}

void EventChannel::deliver(ReceivedBatch batch, std::size_t frame_bytes) {
  batch.frame_bytes = frame_bytes;
  if (events_.on_batch) events_.on_batch(std::move(batch));
}

void EventChannel::give_back(std::size_t frame_bytes) {
  taken_ += frame_bytes;
  grant();
}

void EventChannel::grant() {
  if (port_ == nullptr || ended_) return;
  // Frames not yet taken from the reader (nobody has adopted the channel) are the consumer's to take.
  const bool consumer_waits = taken_ == framed_ && (adopted_ || !id_);
  const std::uint64_t level = consumer_waits ? received_ : taken_;
  if (level <= granted_) return;
  port_->consume(static_cast<std::size_t>(level - granted_));
  granted_ = level;
}

void EventChannel::stop() {
  stopped_ = true;
  end(std::nullopt);
}

void EventChannel::on_lost(const Error& error) {
  const auto alive = shared_from_this();
  port_ = nullptr;
  drain();  // whole frames that arrived are still good
  end(error);
}

void EventChannel::end(std::optional<Error> error) {
  if (ended_) return;
  ended_ = true;
  if (port_ != nullptr) {
    port_->stop_reading();
    if (received_ > granted_) port_->consume(static_cast<std::size_t>(received_ - granted_));
    granted_ = received_;
  }
  if (!stopped_ && events_.on_ended) events_.on_ended(std::move(error));
}

}  // namespace felix::client
