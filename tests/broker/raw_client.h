#pragma once
// A client that says whatever a test wants: QUIC connections and channels without any protocol on them. Each
// lives on a loop of its own; waiting turns it, and the broker runs on its own threads meanwhile.

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/running_broker.h"
#include "json/reader.h"
#include "transport/endpoint.h"
#include "wire/frame_reader.h"
#include "wire/json_codec.h"

namespace felix::test {

// A frame as received. `text` is its payload.
struct RawFrame {
  std::uint16_t flags = 0;
  std::string text;
};

// One frame of arbitrary flags and payload, header included.
std::string frame(unsigned flags, std::string_view payload);
// A JSON frame.
inline std::string json_frame(std::string_view payload) { return frame(0, payload); }
// A header alone.
std::string header(unsigned flags, std::uint32_t length, std::string_view magic = "FLX1",
                   std::uint16_t version = 1);
std::string auth(std::string_view token, std::string_view more = R"(,"client_flags":63)",
                 std::string_view tenant = "default");
std::string be(std::uint64_t value, std::size_t bytes);
// The payload of a binary publish to default/default/`stream`, without a prefix.
std::string batch(std::string_view stream, const std::vector<std::string>& payloads);
// A complete acked publish (flags 0x0009).
std::string acked(std::uint64_t request_id, std::string_view stream,
                  const std::vector<std::string>& payloads);
std::string subscribe(std::string_view stream, std::string_view more = "");
std::string cache_put(std::string_view cache, std::string_view key, std::string_view value_base64,
                      std::string_view more = "");
std::string cache_get(std::string_view cache, std::string_view key, std::string_view more = "");
// `"request_id":N` behind a comma, as `more` above.
std::string with_id(std::uint64_t id);

// The members of a binary ack.
struct RawAck {
  std::uint8_t status = 255;
  std::uint64_t request_id = 0;
  std::string message;
};
RawAck ack_of(const RawFrame& frame);
// The records of an event frame, and its base offset where the flags say so.
struct RawEvents {
  std::optional<std::uint64_t> subscription_id;
  std::optional<std::uint64_t> base_offset;
  std::optional<std::string> publisher;
  std::vector<std::uint64_t> timestamps;  // one a record, where the flags say so
  std::vector<std::string> records;
};
RawEvents events_of(const RawFrame& frame);

class RawClient;

// One channel and everything heard on it.
class RawChannel {
 public:
  RawChannel(RawClient& client, transport::Channel& channel);

  std::int64_t id() const { return id_; }
  void write(std::string_view bytes);
  void finish();
  // STOP_SENDING.
  void stop_reading();
  void reset();
  // Keeps what arrives from here on unconsumed, so that the peer runs out of window.
  void stop_consuming() { consuming_ = false; }
  void consume_again();

  // Waits for a frame; fails the test when the channel ends first or nothing comes.
  RawFrame next();
  // Waits for a frame or the end (nullopt).
  std::optional<RawFrame> next_or_end();
  // Waits until the peer finished; the frames before it.
  std::vector<RawFrame> rest();
  bool ended() const { return finished_ || reset_ || closed_; }
  bool finished() const { return finished_; }
  bool was_reset() const { return reset_; }
  std::uint64_t reset_code() const { return reset_code_; }
  bool closed() const { return closed_; }
  bool peer_stopped() const { return channel_ != nullptr && channel_->peer_stopped(); }
  std::size_t heard_bytes() const { return heard_bytes_; }
  std::size_t waiting() const { return frames_.size(); }
  std::size_t unsent_bytes() const { return channel_ == nullptr ? 0 : channel_->unsent_bytes(); }

 private:
  RawClient& client_;
  transport::Channel* channel_;
  const std::int64_t id_;
  wire::FrameReader reader_{UINT32_MAX};
  std::deque<RawFrame> frames_;
  std::size_t heard_bytes_ = 0;
  std::size_t unconsumed_ = 0;
  bool consuming_ = true;
  bool finished_ = false;
  bool reset_ = false;
  std::uint64_t reset_code_ = 0;
  bool closed_ = false;
};

// What is not as RunningBroker::client_options() says, where it is not empty.
struct Dial {
  std::string address{};
  std::string ca_file{};
};

class RawClient {
 public:
  explicit RawClient(const RunningBroker& broker, transport::TransportConfig config = {});
  RawClient(const RunningBroker& broker, const Dial& dial, transport::TransportConfig config = {});
  // Of a broker elsewhere, that has no broker() here. `token`: what open_authenticated() presents.
  RawClient(const client::ConnectOptions& known, std::string token, transport::TransportConfig config = {});
  // Says goodbye, so that a draining broker need not wait for someone who is gone.
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // A bidirectional channel, with nothing said on it.
  RawChannel& open();
  // The broker's limit on channels is not reached.
  bool can_open() const;
  RawChannel& open_uni();
  // One that is authenticated; `auth_more` as in auth().
  RawChannel& open_authenticated(std::string_view auth_more = R"(,"client_flags":63)");
  // The next event channel the broker opened.
  RawChannel& event_channel();
  bool has_event_channel() const { return !event_channels_.empty(); }

  // Turns the loop until `done`; fails the test after ten seconds.
  void until(const std::function<bool()>& done);
  // The same; false after `patience`.
  bool within(Duration patience, const std::function<bool()>& done);
  void turn();
  void close();
  const std::string& token() const { return token_; }
  bool ready() const { return ready_; }
  const std::optional<transport::CloseReason>& closed() const { return closed_; }
  const RunningBroker& broker() const { return *broker_; }

 private:
  friend class RawChannel;
  const RunningBroker* broker_ = nullptr;
  io::SystemClock clock_;
  std::string token_;
  std::unique_ptr<io::Loop> loop_;
  std::shared_ptr<const crypto::TlsClientContext> tls_;
  std::unique_ptr<transport::Endpoint> endpoint_;
  transport::Connection* connection_ = nullptr;
  bool ready_ = false;
  std::optional<transport::CloseReason> closed_;
  std::map<std::int64_t, std::unique_ptr<RawChannel>> channels_;
  std::deque<RawChannel*> event_channels_;
};

}  // namespace felix::test
