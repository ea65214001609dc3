#pragma once
// A connection whose channels carry what the scenario says, byte for byte, and nothing else: no `auth`, no
// retries, no window management but giving back what was read. Internal to the module.
//
// Threads: the loop's. Channels belong to their connection.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "client/dialer.h"
#include "client/message.h"
#include "conformance/live_context.h"
#include "wire/ack_codec.h"
#include "wire/frame_reader.h"
#include "wire/json_codec.h"
#include "wire/messages.h"

namespace felix::conformance {

class RawChannel {
 public:
  RawChannel(Context& context, transport::Channel& channel);
  RawChannel(const RawChannel&) = delete;
  RawChannel& operator=(const RawChannel&) = delete;

  // Queued; it leaves while something is awaited.
  void send(Bytes bytes);
  template <class Message>
    requires requires(std::vector<std::byte>& out, const Message& message) {
      wire::append_frame(out, message);
    }
  void send(const Message& message) {
    std::vector<std::byte> out;
    wire::append_frame(out, message);
    send(Bytes(out));
  }
  // Until the network has what was sent, in packets of its own.
  Status flush();
  void finish();
  // Gives up both directions, whatever is under way.
  void reset();
  // What arrives from here on stays in the broker's way: its window is used up and not renewed.
  void stop_consuming() { consuming_ = false; }

  // The next frame; none when the broker ended the channel. `what` is waited for: it names what is missing
  // when nothing comes in time.
  Result<std::optional<wire::IncomingFrame>> next(std::string_view what);
  // The next frame as a JSON message; invalid_request when it is another, or none.
  Result<wire::ServerMessage> message(std::string_view what);
  template <class Message>
  Result<Message> expect(std::string_view what) {
    FELIX_TRY(wire::ServerMessage got, message(what));
    if (auto* wanted = std::get_if<Message>(&got)) return std::move(*wanted);
    return std::unexpected(another(what, got));
  }
  Result<wire::PublishAck> expect_ack(std::string_view what);
  // The broker ends the channel and says nothing more.
  Status expect_end(std::string_view after);

  // Sends `auth` with the session's tenant and token; the broker's answer.
  Result<wire::ServerMessage> authenticate(std::optional<std::uint16_t> flags,
                                           std::optional<std::uint32_t> features);
  // With everything this client can read; invalid_request when it is refused.
  Status authenticate();

 private:
  friend class RawConnection;
  static Error another(std::string_view what, const wire::ServerMessage& got);
  bool arrived();

  Context& context_;
  transport::Channel* channel_;  // null when gone
  wire::FrameReader reader_;
  std::optional<wire::IncomingFrame> ready_;
  std::optional<Error> defect_;
  std::size_t received_bytes_ = 0;
  bool consuming_ = true;
  bool ended_ = false;  // by the broker
  bool lost_ = false;   // with the whole connection
};

class RawConnection {
 public:
  static Result<std::unique_ptr<RawConnection>> open(Context& context);
  ~RawConnection();
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  Result<RawChannel*> bidi();
  Result<RawChannel*> uni();
  // The next channel the broker opened.
  Result<RawChannel*> accept();
  // The same connection still takes a channel and authenticates it.
  Status still_serves();

 private:
  explicit RawConnection(Context& context);
  Result<RawChannel*> open_channel(bool bidirectional);
  RawChannel& adopt(transport::Channel& channel);

  Context& context_;
  transport::Connection* connection_ = nullptr;
  std::optional<Error> lost_;
  std::vector<std::unique_ptr<RawChannel>> channels_;
  std::vector<RawChannel*> accepted_;  // not asked for yet
  client::Dialer dialer_;
};

// A whole connection with one authenticated channel.
struct RawSession {
  std::unique_ptr<RawConnection> connection;
  RawChannel* channel;
};
Result<RawSession> open_raw(Context& context);

// A frame that must be a publish acknowledgement; invalid_request when it is something else.
Result<wire::PublishAck> ack_of(const wire::IncomingFrame& frame);
// Header and payload; the header says what it is told to.
std::vector<std::byte> frame_of(std::uint16_t flags, Bytes payload);
// A JSON `publish` of one record.
wire::Publish publish_message(const Context& context, const std::string& stream, std::string_view record,
                              std::optional<RequestId> id);

}  // namespace felix::conformance
