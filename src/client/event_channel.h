#pragma once
// A uni channel that the broker opened for one subscription (wire protocol sections 7.4 and 8.2): a hello,
// then event batches. Pure.
//
// Bytes go back to the broker's window only when the consumer has taken the batch they came in. The one
// exception keeps a frame larger than the window from waiting for itself: while the consumer has taken
// everything, the bytes of the frame in progress are given back as they arrive. So memory is one window plus
// one frame.
//
// Threads: one. Ownership: shared by the subscription (or, before it is known, the router) and by the channel
// that feeds it. Events come from the driver's side only.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/ids.h"
#include "flow/port.h"
#include "wire/event_codec.h"
#include "wire/frame_reader.h"
#include "wire/messages.h"

namespace felix::client {

struct ReceivedBatch {
  std::optional<Offset> base_offset;
  std::uint64_t skipped_before = 0;
  std::string publisher;
  std::vector<std::uint64_t> timestamps_us;  // as many as there are records, or none
  wire::RecordRun records;
  std::size_t frame_bytes = 0;  // to be given back when taken
};

struct EventChannelEvents {
  std::function<void(ReceivedBatch)> on_batch;
  // The broker ends the subscription behind what was delivered, because we were too slow; on_ended follows.
  std::function<void(Offset resume_from)> on_lagged;
  // The last event. No error: the broker's FIN at a frame boundary. connection_lost or draining: the
  // connection went; anything else: the broker sent what cannot be read.
  std::function<void(std::optional<Error>)> on_ended;
};

class EventChannel : public std::enable_shared_from_this<EventChannel> {
 public:
  // `on_hello` is called once, from the driver's side; a channel that begins with anything else is given up
  // in silence.
  EventChannel(std::uint32_t max_payload_bytes,
               std::function<void(const std::shared_ptr<EventChannel>&, SubscriptionId)> on_hello);
  EventChannel(const EventChannel&) = delete;
  EventChannel& operator=(const EventChannel&) = delete;

  // --- owner's side ---
  // From now on batches are delivered; what has arrived meanwhile comes from inside this call.
  void adopt(EventChannelEvents events);
  // The consumer took a batch.
  void give_back(std::size_t frame_bytes);
  // STOP_SENDING: we want no more. No event follows.
  void stop();

  // --- driver's side ---
  void attach(flow::Port& port) { port_ = &port; }
  void on_bytes(Bytes bytes);
  // `reset_code` is the code the peer reset the channel with, if it did.
  void on_readable(bool peer_finished, bool peer_reset, std::uint64_t reset_code = 0);
  void detach() { port_ = nullptr; }
  void on_lost(const Error& error);

 private:
  void drain();
  Status take(const wire::IncomingFrame& frame);
  Status take_first(const wire::IncomingFrame& frame);
  Status take_message(const wire::IncomingFrame& frame);
  void deliver(ReceivedBatch batch, std::size_t frame_bytes);
  void grant();
  void end(std::optional<Error> error);

  std::function<void(const std::shared_ptr<EventChannel>&, SubscriptionId)> on_hello_;
  EventChannelEvents events_;
  wire::FrameReader reader_;
  flow::Port* port_ = nullptr;
  std::optional<SubscriptionId> id_;
  bool adopted_ = false;
  bool ended_ = false;
  bool stopped_ = false;  // by the owner
  bool peer_finished_ = false;
  bool peer_reset_ = false;
  std::uint64_t reset_code_ = 0;

  // Bytes since the channel began.
  std::uint64_t received_ = 0;
  std::uint64_t framed_ = 0;   // in frames that were taken from the reader
  std::uint64_t taken_ = 0;    // of those, what the consumer is done with
  std::uint64_t granted_ = 0;  // given back to the window
};

}  // namespace felix::client
