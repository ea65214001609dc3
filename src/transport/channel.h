#pragma once
// One QUIC stream as a bounded byte sink and source. ("Stream" is a Felix word; see the glossary.)
//
// Threads: lives on its reactor. Ownership: the Connection owns its Channels; a Channel pointer is valid
// until its on_closed event returns. No event is delivered from inside a call on the Channel.

#include <cstdint>
#include <deque>
#include <functional>

#include "base/intrusive_list.h"
#include "flow/port.h"

namespace felix::transport {

class Connection;

// What the owner of a Channel wants to hear. Any may be empty.
struct ChannelEvents {
  // Received bytes, in order. Called while a packet is being read: copy them, record, and return; nothing of
  // the transport may be called from here.
  std::function<void(Bytes)> on_bytes;
  // Once per turn after bytes, the peer's FIN or its RESET arrived.
  std::function<void()> on_readable;
  // Once per turn after the peer acknowledged bytes, opened its window, or asked us to stop sending.
  std::function<void()> on_writable;
  // Both directions are over, or the connection is. The last event.
  std::function<void()> on_closed;
};

class Channel final : public flow::Port {
 public:
  // `window_bytes`: what the peer may send before anything is given back.
  Channel(Connection& connection, std::int64_t id, std::uint64_t window_bytes)
      : connection_(connection), id_(id), granted_bytes_(window_bytes) {}

  std::int64_t id() const { return id_; }
  Connection& connection() { return connection_; }
  bool is_bidirectional() const { return (id_ & 2) == 0; }

  void set_events(ChannelEvents events) { events_ = std::move(events); }

  // flow::Port
  void write(const flow::InlineBytes& prefix, flow::Slice body) override;
  std::size_t queued_bytes() const override { return queued_bytes_; }
  std::size_t unsent_bytes() const override { return unsent_bytes_; }
  std::size_t table_bytes() const override { return entries_.size() * sizeof(Entry); }
  void finish() override;
  void stop_reading() override;
  void consume(std::size_t bytes) override;

  // Opens the windows for `bytes` beyond those received, all of which must come before any can be consumed.
  // False: there is no memory for them now; ask again later.
  bool make_room(std::size_t bytes);

  // Abandons our direction: bytes not yet sent are dropped and the peer sees RESET_STREAM(code).
  void reset(std::uint64_t code);

  // The peer ended its direction (FIN), and every byte before it was delivered.
  bool peer_finished() const { return peer_finished_; }
  // The peer abandoned its direction (RESET_STREAM), with this application code.
  bool peer_reset() const { return peer_reset_; }
  std::uint64_t peer_reset_code() const { return peer_reset_code_; }
  // The peer will not read any more (STOP_SENDING). Known once we try to send more; a channel that has
  // nothing to send and is not read any more either ends with on_closed alone.
  bool peer_stopped() const { return peer_stopped_; }
  bool finished() const { return finishing_; }

 private:
  friend class Connection;
  friend class Flusher;
  friend struct Callbacks;

  struct Entry {
    flow::InlineBytes prefix;
    flow::Slice body;
    std::size_t size() const { return prefix.size() + body.size(); }
  };

  bool wants_to_send() const { return unsent_bytes_ > 0 || (finishing_ && !finish_sent_); }
  // Fills at most `count` (pointer, length) pairs with what comes next on the wire.
  template <class Vector>
  std::size_t gather(Vector* vectors, std::size_t count) const;
  void note_sent(std::size_t bytes, bool with_finish);
  void note_acknowledged(std::uint64_t bytes);
  void note_peer_stopped();
  void drop_queue();
  void become_sendable();
  void extend(std::uint64_t bytes);

  Connection& connection_;
  const std::int64_t id_;
  ChannelEvents events_;

  // Front: oldest not wholly acknowledged. A deque, because ngtcp2 reads prefixes again when it retransmits:
  // an entry must not move while it is in flight.
  std::deque<Entry> entries_;
  std::size_t unsent_entry_ = 0;   // index of the entry the next byte comes from
  std::size_t unsent_offset_ = 0;  // bytes of that entry already sent
  std::size_t acknowledged_in_front_ = 0;
  std::size_t queued_bytes_ = 0;
  std::size_t unsent_bytes_ = 0;
  std::uint64_t sent_bytes_ = 0;        // since its beginning
  std::uint64_t granted_bytes_;         // the peer may send so much, less what was consumed
  std::uint64_t unconsumed_bytes_ = 0;  // of it: received

  bool finishing_ = false;
  bool finish_sent_ = false;
  bool blocked_ = false;  // no stream credit: skipped until the peer extends it
  bool peer_finished_ = false;
  bool peer_reset_ = false;
  std::uint64_t peer_reset_code_ = 0;
  bool peer_stopped_ = false;
  bool reading_stopped_ = false;
  bool closed_ = false;
  bool readable_event_ = false;
  bool writable_event_ = false;

  ListHook<Channel> send_hook_;   // in the connection's list of channels with something to send
  ListHook<Channel> event_hook_;  // in the connection's list of channels with an event to deliver
};

template <class Vector>
std::size_t Channel::gather(Vector* vectors, std::size_t count) const {
  std::size_t used = 0;
  std::size_t skip = unsent_offset_;
  for (std::size_t i = unsent_entry_; i < entries_.size() && used < count; ++i) {
    for (const Bytes part : {entries_[i].prefix.bytes(), entries_[i].body.bytes()}) {
      if (used == count) break;
      if (skip >= part.size()) {
        skip -= part.size();
        continue;
      }
      vectors[used].base = reinterpret_cast<std::uint8_t*>(const_cast<std::byte*>(part.data())) + skip;
      vectors[used].len = part.size() - skip;
      skip = 0;
      ++used;
    }
  }
  return used;
}

}  // namespace felix::transport
