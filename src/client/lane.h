#pragma once
// One channel that we opened: it authenticates itself first (wire protocol section 5.1), then carries frames
// both ways. Pure: it is fed what arrives and writes to a flow::Port, so tests need no network.
//
// Life: pending (no port yet) -> authenticating -> open -> ended. Events are never delivered from inside a
// call of the owner, only from the driver's side; the owner may drop its reference to the Lane in any of
// them.
//
// Threads: one. Ownership: shared by its owner and by the channel that feeds it.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "client/agreement.h"
#include "flow/port.h"
#include "wire/frame_reader.h"
#include "wire/messages.h"

namespace felix::client {

// What goes into `auth`.
struct Credentials {
  std::string tenant;
  std::string token;
  std::optional<std::uint16_t> client_flags;
  std::optional<std::uint32_t> client_features;
  std::uint32_t client_features_hi = 0;  // said only beside the first word, and only when it is not 0
};

struct LaneEvents {
  // Authenticated: requests may be sent.
  std::function<void()> on_open;
  // A frame after that. An error means that the owner gives the channel up: it ends with that error.
  std::function<Status(const wire::IncomingFrame&)> on_frame;
  // The peer took some of what was written.
  std::function<void()> on_room;
  // The last event, not after abandon(). unauthenticated or the broker's word: `auth` was refused;
  // connection_lost or draining: the connection is gone; unavailable: the broker ended this channel alone.
  std::function<void(const Error&)> on_ended;
};

class Lane : public std::enable_shared_from_this<Lane> {
 public:
  enum class State : std::uint8_t { pending, authenticating, open, ended };
  // One-way lanes (publish-only, wire protocol section 8) get no answers: they are open once `auth` is
  // written.
  enum class Kind : std::uint8_t { two_way, one_way };

  // `more_flags`: offered beside those of the credentials, when they offer any.
  Lane(Kind kind, std::uint32_t max_payload_bytes, LaneEvents events, std::uint16_t more_flags = 0);
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // --- owner's side ---
  State state() const { return state_; }
  bool open() const { return state_ == State::open; }
  Kind kind() const { return kind_; }
  const Agreement& agreement() const { return agreement_; }
  // Queues bytes; dropped unless open.
  void send(const flow::InlineBytes& prefix, flow::Slice body);
  void send(flow::Slice bytes) { send({}, std::move(bytes)); }
  // Bytes handed to the transport that the peer has not acknowledged, and not yet sent.
  std::size_t queued_bytes() const { return port_ == nullptr ? 0 : port_->queued_bytes(); }
  std::size_t unsent_bytes() const { return port_ == nullptr ? 0 : port_->unsent_bytes(); }
  // Bytes handed to the transport since the lane began.
  std::uint64_t written_bytes() const { return written_bytes_; }
  // Ends our direction after what is queued; answers still come.
  void finish();
  // The owner is no longer interested: no more events, the channel is given up.
  void abandon();

  // --- driver's side ---
  // `assumed` holds for one-way lanes, which are never told.
  void attach(flow::Port& port, const Credentials& credentials, const Agreement& assumed);
  void on_bytes(Bytes bytes);
  void on_readable(bool peer_finished, bool peer_reset);
  void on_writable(bool peer_stopped);
  // The port is about to be gone; the lane ends with on_lost().
  void detach() { port_ = nullptr; }
  void on_lost(const Error& error);

 private:
  Status take(const wire::IncomingFrame& frame);
  Status take_auth_answer(const wire::IncomingFrame& frame);
  void drain_reader();
  void write(const flow::InlineBytes& prefix, flow::Slice bytes);
  void end(Error error);

  const Kind kind_;
  const std::uint16_t more_flags_;
  LaneEvents events_;
  State state_ = State::pending;
  flow::Port* port_ = nullptr;
  wire::FrameReader reader_;
  std::optional<std::uint16_t> offered_flags_;
  std::uint32_t offered_features_hi_ = 0;
  Agreement agreement_;
  std::size_t received_bytes_ = 0;  // not given back yet
  std::uint64_t written_bytes_ = 0;
  bool abandoned_ = false;
};

}  // namespace felix::client
