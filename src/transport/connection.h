#pragma once
// One QUIC connection. ngtcp2's callbacks only record what arrived; the events are delivered afterwards, once
// per turn, by the Endpoint.
//
// Threads: lives on its reactor. Ownership: the Endpoint owns it; a Connection pointer is valid until its
// on_closed event returns.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/intrusive_list.h"
#include "base/time.h"
#include "io/address.h"
#include "transport/channel.h"
#include "transport/config.h"

namespace felix::transport {

class Connection;
class Endpoint;
struct IngressAccount;

struct ConnectionEvents {
  // TLS is done: channels may be opened.
  std::function<void()> on_ready;
  // The peer opened a channel. Called while a packet is being read: set its events (or leave them empty to
  // refuse what comes), and call nothing else of the transport.
  std::function<void(Channel&)> on_channel;
  // The peer raised its limit on channels we open.
  std::function<void()> on_channel_credit;
  // The last event; also when the connection was never ready.
  std::function<void(const CloseReason&)> on_closed;
};

class Connection {
 public:
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void set_events(ConnectionEvents events) { events_ = std::move(events); }

  bool ready() const { return ready_; }
  bool closing() const { return closing_ || ended_; }
  // Where the peer is now: a client's address may change while it is connected.
  io::Address remote() const;
  // Bytes queued on all channels and not yet acknowledged.
  std::size_t queued_bytes() const { return queued_bytes_; }
  std::size_t unsent_bytes() const { return unsent_bytes_; }
  std::size_t channel_count() const;
  // Smoothed round-trip time as QUIC sees it; 0 before the first sample.
  Duration smoothed_rtt() const;
  // What its packets are encrypted with, e.g. "AES-128-GCM"; empty before ready(), and where a server has let
  // go of its TLS session.
  std::string cipher() const;
  // Largest UDP payload sent on this path.
  std::size_t mtu() const;

  // Null when the peer's limit is used up: wait for on_channel_credit.
  Channel* open_bidi();
  Channel* open_uni();
  // How many open_uni() and open_bidi() would give now.
  std::uint64_t uni_credit() const;
  std::uint64_t bidi_credit() const;

  // The peer has proven who it is: its windows and the number of its streams may grow by use. Idempotent.
  void trust();

  // Sends CONNECTION_CLOSE with an application code at the end of this turn; what is queued and unsent is
  // lost, so callers that care wait until unsent_bytes() is 0. on_closed follows with Kind::local.
  void close(std::uint64_t code, std::string reason);

 private:
  friend class Channel;
  friend class Endpoint;
  friend class Flusher;
  friend struct Callbacks;
  struct Quic;  // ngtcp2 and TLS state: connection_quic.h

  Connection(Endpoint& endpoint, const TransportConfig& config, IngressAccount* account);

  // The Endpoint's side.
  void read(Bytes datagram, const io::Address& from, std::uint8_t ecn);
  void on_expiry();
  void deliver_events();
  void deliver_close();
  // Ends the connection: no packet is read or written any more (but a CONNECTION_CLOSE), on_closed follows.
  void end(CloseReason reason);
  void end_after_error(int ngtcp2_error);
  // The peer says more than it may that leads to nothing (frame_audit.h).
  void end_for_excess();
  // Packets left, with what is to be acknowledged.
  void note_acknowledged(MonoTime now);
  void rearm_timer();
  // A packet whose size is in question left, with new bytes of `newest`; null: with none.
  void note_large_packet(const Channel* newest, MonoTime now);
  void mark_dirty();
  // Like mark_dirty(), behind those who have more to say than an answer; what only acknowledges may wait.
  void mark_heard();
  bool may_wait(MonoTime now) const;
  // `bytes` of received data were handled: tells the peer by how much its window grows.
  void give_back(std::uint64_t bytes);
  // What a channel's window is brought to.
  std::uint64_t stream_target() const;
  // Leaves what there is to say for a moment: a timer sees to it that it is said.
  void wait_for_company();
  // Something that was sent is neither acknowledged nor on its way: it was lost, or others overtook it.
  bool must_repeat() const;
  void note_event();
  void note_event(Channel& channel);
  Channel& add_channel(std::int64_t id);
  void remove_channel(Channel& channel);
  Channel* open(bool bidirectional);

  Endpoint& endpoint_;
  ConnectionEvents events_;
  std::unique_ptr<Quic> quic_;

  std::size_t queued_bytes_ = 0;
  std::size_t unsent_bytes_ = 0;
  bool ready_ = false;
  bool ready_event_ = false;
  bool credit_event_ = false;
  bool must_flush_ = false;  // more happened since the last flush than that packets came
  bool closing_ = false;     // close() was called: CONNECTION_CLOSE goes out with the next flush
  bool ended_ = false;       // no more events but on_closed
  CloseReason close_reason_;

  IntrusiveList<Channel, &Channel::send_hook_> sendable_;
  IntrusiveList<Channel, &Channel::event_hook_> eventful_;
  ListHook<Connection> dirty_hook_;
  ListHook<Connection> event_hook_;
};

}  // namespace felix::transport
