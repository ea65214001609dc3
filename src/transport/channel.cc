#include "transport/channel.h"

#include <algorithm>

#include "transport/connection_quic.h"

namespace felix::transport {

void Channel::write(const flow::InlineBytes& prefix, flow::Slice body) {
  const std::size_t bytes = prefix.size() + body.size();
  if (bytes == 0 || finishing_ || closed_ || peer_stopped_ || connection_.closing()) return;
  entries_.push_back(Entry{prefix, std::move(body)});
  queued_bytes_ += bytes;
  unsent_bytes_ += bytes;
  connection_.queued_bytes_ += bytes;
  connection_.unsent_bytes_ += bytes;
  become_sendable();
}

void Channel::finish() {
  if (finishing_ || closed_) return;
  finishing_ = true;
  become_sendable();
}

void Channel::stop_reading() {
  if (reading_stopped_ || closed_ || connection_.closing()) return;
  reading_stopped_ = true;
  if (!peer_finished_ && !peer_reset_)
    ngtcp2_conn_shutdown_stream_read(connection_.quic_->conn, 0, id_, kCloseNormal);
  consume(unconsumed_bytes_);
  connection_.mark_dirty();
}

void Channel::consume(std::size_t bytes) {
  bytes = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, unconsumed_bytes_));
  if (bytes == 0) return;
  unconsumed_bytes_ -= bytes;
  if (connection_.closing()) return;
  connection_.give_back(bytes);
  granted_bytes_ -= bytes;
  const std::uint64_t first = first_stream_window(connection_.quic_->config);
  const std::uint64_t target = connection_.stream_target();
  if (granted_bytes_ < target && target - granted_bytes_ >= least_extension(first, target))
    extend(target - granted_bytes_);
  connection_.note_grant();
}

bool Channel::make_room(std::size_t bytes) {
  if (closed_ || peer_finished_ || reading_stopped_ || connection_.closing()) return true;
  Connection::Quic& quic = *connection_.quic_;
  const auto extension = quic.window.make_room(bytes);
  if (!extension) return false;
  if (*extension > 0) ngtcp2_conn_extend_max_offset(quic.conn, *extension);
  const std::uint64_t free = granted_bytes_ - unconsumed_bytes_;
  const std::uint64_t first = first_stream_window(quic.config);
  if (free < bytes) extend(std::max(bytes - free, least_extension(first, first)));
  if (*extension > 0 || free < bytes) connection_.mark_dirty();
  return true;
}

void Channel::extend(std::uint64_t bytes) {
  granted_bytes_ += bytes;
  if (!closed_ && !peer_finished_) ngtcp2_conn_extend_max_stream_offset(connection_.quic_->conn, id_, bytes);
}

void Channel::reset(std::uint64_t code) {
  if (closed_ || connection_.closing()) return;
  drop_queue();
  finishing_ = finish_sent_ = true;
  ngtcp2_conn_shutdown_stream_write(connection_.quic_->conn, 0, id_, code);
  connection_.mark_dirty();
}

void Channel::note_sent(std::size_t bytes, bool with_finish) {
  unsent_bytes_ -= bytes;
  connection_.unsent_bytes_ -= bytes;
  unsent_offset_ += bytes;
  while (unsent_entry_ < entries_.size() && unsent_offset_ >= entries_[unsent_entry_].size()) {
    unsent_offset_ -= entries_[unsent_entry_].size();
    ++unsent_entry_;
  }
  if (with_finish) finish_sent_ = true;
}

void Channel::note_acknowledged(std::uint64_t bytes) {
  queued_bytes_ -= bytes;
  connection_.queued_bytes_ -= bytes;
  acknowledged_in_front_ += bytes;
  while (!entries_.empty() && acknowledged_in_front_ >= entries_.front().size()) {
    acknowledged_in_front_ -= entries_.front().size();
    entries_.pop_front();
    FELIX_ASSERT(unsent_entry_ > 0);
    --unsent_entry_;
  }
}

void Channel::note_peer_stopped() {
  peer_stopped_ = true;
  drop_queue();
  finishing_ = finish_sent_ = true;
  writable_event_ = true;
  connection_.note_event(*this);
}

void Channel::drop_queue() {
  connection_.queued_bytes_ -= queued_bytes_;
  connection_.unsent_bytes_ -= unsent_bytes_;
  queued_bytes_ = unsent_bytes_ = 0;
  unsent_entry_ = unsent_offset_ = acknowledged_in_front_ = 0;
  entries_.clear();
  send_hook_.unlink();
}

void Channel::become_sendable() {
  if (blocked_ || send_hook_.linked() || !wants_to_send()) return;
  connection_.sendable_.push_back(*this);
  connection_.mark_dirty();
}

}  // namespace felix::transport
