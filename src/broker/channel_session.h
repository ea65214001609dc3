#pragma once
// The protocol state of one Channel a client opened: authentication first, then any mix of requests, answered
// in request order (wire protocol sections 5 and 8). Each request type has its file: handle_*.cc.
//
// A publish-only channel (unidirectional) is served alike, but nothing is ever answered on it.

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "broker/authenticator.h"
#include "broker/reply_queue.h"
#include "metadata/routing_table.h"
#include "telemetry/metrics.h"
#include "transport/channel.h"
#include "wire/error_info.h"
#include "wire/flags.h"
#include "wire/frame_reader.h"
#include "wire/messages.h"
#include "wire/publish_codec.h"

namespace felix::broker {

class Reactor;
class Session;

// RESET_STREAM of a channel that a defect of ours ended: the number of `internal` (wire protocol section 9).
inline constexpr std::uint64_t kResetInternal = 13;

class ChannelSession {
 public:
  ChannelSession(Session& session, transport::Channel& channel);
  ~ChannelSession();
  ChannelSession(const ChannelSession&) = delete;
  ChannelSession& operator=(const ChannelSession&) = delete;

  // Channel events. These, as all below that goes on with requests, end this channel and nothing else when a
  // handler fails: no exception leaves them.
  void on_bytes(Bytes bytes);
  void on_readable();
  void on_writable();

  // The outcome of a command this channel reserved a place for.
  void on_outcome(std::uint64_t slot, Result<Outcome> outcome);
  // The answer to a creation this channel waits for: the parked request goes on.
  void on_created(Status created);
  // The peer has credit for the event channel of this channel's subscription: joins the stream.
  void join(std::uint64_t slot);
  // It has none, and does not give any.
  void give_up_join(std::uint64_t slot);

  bool authenticated() const { return static_cast<bool>(identity_); }
  // Authenticated, and still asking.
  bool stands() const { return authenticated() && !ended_; }
  // Its token may be verified now.
  void authenticate_again();
  // Counts among the channels read before authentication (Session::try_let_in).
  bool let_in() const { return let_in_; }
  // A join is on its way (Session::note_joined).
  bool joining() const { return joining_; }
  // The event channel that waits for this channel's answer.
  std::optional<std::int64_t> held_events() const { return held_events_; }
  // Nothing read is unanswered.
  bool settled() const { return !waiting_ && replies_.unanswered_count() == 0; }
  // Answers ready behind one that is not.
  std::size_t waiting_answers() const { return replies_.pending_count() - replies_.unanswered_count(); }
  // Written answers that the transport does not have yet.
  std::size_t answer_bytes() const { return replies_.held_bytes(); }
  // Once in a while: ends a channel whose peer reads no answers.
  void look_after(MonoTime now);

  // What the request handlers need of the client; public for the subscription they build.
  std::uint16_t peer_flags() const { return peer_flags_; }
  std::int64_t id() const { return channel_.id(); }

 private:
  enum class Fate : std::uint8_t { goes_on, ends };

  // A defect in one request must not take its neighbours along.
  template <class Work>
  void guarded(Work&& work) {
    if (failed_) return;
    try {
      work();
    } catch (const std::exception& failure) {
      break_off(failure.what());
    }
  }
  void break_off(std::string_view why);
  void forget_replies();

  void process();
  void give_back();
  void keep_to_the_rules(MonoTime now);
  // Ends a channel whose peer began a frame and does not go on.
  void look_after_frame(MonoTime now);
  void handle(const wire::IncomingFrame& frame);
  void handle_json(const wire::IncomingFrame& frame);
  void handle_auth(const wire::IncomingFrame& frame);
  void handle_publish(wire::Publish& message);
  void handle_binary_publish(const wire::IncomingFrame& frame);
  void handle_subscribe(wire::Subscribe& message);

  // handle_publish.cc: what both encodings share.
  struct PublishRequest {
    std::string_view tenant_id;
    std::string_view namespace_id;
    std::string_view stream;
    std::optional<Bytes> key;
    const wire::RecordRun& records;
    bool binary = false;
    std::optional<RequestId> request_id;  // an answer is owed
  };
  void publish(const PublishRequest& request);
  void refuse_publish(const PublishRequest& request, Errc code, std::string_view text, Fate unanswered);
  void refuse_publish(const PublishRequest& request, std::string_view text, const wire::ErrorInfo& info);
  void shed(const PublishRequest& request);
  void answer_publish(const PublishReply& reply, const Result<Outcome>& outcome, std::vector<std::byte>& out);
  void append_refusal(const PublishReply& reply, std::string_view text, const wire::ErrorInfo& info,
                      std::vector<std::byte>& out);
  void note_answered(const PublishReply& reply, telemetry::Counter& result);
  static Asked asked_by(const PublishRequest& request) {
    return request.request_id ? Asked::publish : Asked::nobody;
  }
  struct PublishRoute {
    std::string tenant_id;
    std::string namespace_id;
    std::string stream;
    std::uint64_t table_version = 0;
    metadata::StreamRoute target;
    bool known = false;
  };
  // Route and permission of the stream this channel published to last: most publish to one.
  PublishRoute publish_route_;

  void settle_outcome(std::uint64_t slot, Result<Outcome> outcome);
  void answer_subscribe(std::uint64_t slot, Result<Outcome> outcome);
  void start_subscription(std::uint64_t slot, JoinOutcome outcome, transport::Channel& events);
  wire::Subscribed subscribed(const wire::Subscribe& request, SubscriptionId id,
                              const streams::Joined& joined) const;
  void answer_subscribed(const SubscribeReply& reply, std::vector<std::byte>& out);

  // handle_cache.cc: what both encodings share.
  struct CacheRequest {
    CacheOperation operation = CacheOperation::get;
    std::string_view tenant_id;
    std::string_view namespace_id;
    std::string_view cache;
    std::string_view key;
    std::optional<RequestId> request_id;  // absent only in JSON: the last request of its channel
    flow::Slice value;
    std::optional<std::uint64_t> ttl_ms;
    bool binary = false;
  };
  template <class Message>
  static CacheRequest cache_request(CacheOperation operation, const Message& message);
  void handle_cache(const wire::CacheGet& message);
  void handle_cache(wire::CachePut& message);
  void handle_cache(const wire::CacheDelete& message);
  void handle_binary_cache(const wire::IncomingFrame& frame);
  void operate(CacheRequest&& request);
  void refuse_cache(const CacheRequest& request, Errc code, std::string_view text, Fate fate);
  void answer_cache(CacheReply& reply, Result<Outcome>& outcome, AnswerBuffer& out);
  static void append_binary_answer(const CacheReply& reply, CacheOutcome& found, AnswerBuffer& out);
  struct KnownCache {
    std::string namespace_id;
    std::string cache;
    std::uint64_t table_version = 0;
    metadata::CacheRoute target;
    bool known = false;
  };
  // Route of the cache this channel used last: most use one.
  KnownCache known_cache_;

  // The entry of a stream or cache. Null with waiting_ set: created on first use, the request is parked and
  // will be handled again; null otherwise: unknown.
  const metadata::StreamRoute* find_stream(std::string_view tenant, std::string_view ns,
                                           std::string_view name);
  const metadata::CacheRoute* find_cache(std::string_view tenant, std::string_view ns, std::string_view name);
  bool request_creation(bool cache, std::string_view tenant, std::string_view ns, std::string_view name);

  // `error`, with code and retry class for clients that read them. On a publish-only channel: nothing.
  void refuse(Errc code, std::string_view text, Fate fate);
  void append_error(std::vector<std::byte>& out, Errc code, std::string_view text) const;
  std::optional<wire::ErrorInfo> info_for(Errc code) const;
  void end_after_answers();
  void send_away(Objection why);
  std::optional<Objection> objection();
  void finish_if_ended();
  bool must_pause() const;
  bool over_publish_budget() const;
  void send_answers();
  void note_withheld(std::ptrdiff_t bytes);
  Origin origin(std::uint64_t slot) const;

  Session& session_;
  Reactor& reactor_;
  transport::Channel& channel_;
  wire::FrameReader reader_;
  ReplyQueue replies_;
  Standing identity_;
  std::uint16_t peer_flags_ = wire::kOriginalFlags;
  std::uint32_t peer_features_ = 0;
  std::uint32_t agreed_features_hi_ = 0;       // both offered
  std::uint32_t publish_window_ = UINT32_MAX;  // acked publishes without an answer; granted in `auth_ok`

  std::size_t unconsumed_bytes_ = 0;       // given back to the peer's window as frames are handled
  std::size_t publish_bytes_pending_ = 0;  // of publishes whose outcome is withheld
  std::optional<wire::IncomingFrame> parked_;
  std::optional<Error> creation_error_;  // of the parked request
  bool waiting_ = false;                 // for a creation, or for the token's turn to be verified
  bool paused_ = false;
  bool ended_ = false;  // no more requests are read
  bool finished_ = false;
  bool failed_ = false;  // by a defect: reset, and only waits for its end
  bool uni_ = false;
  bool let_in_ = false;
  bool joining_ = false;
  std::optional<std::int64_t> held_events_;
  bool retrying_ = false;  // the parked request is handled for the second time
  // Since when the answers on their way have not become fewer.
  MonoTime stalled_since_ = kNever;
  std::size_t stalled_bytes_ = 0;
  // Since when no byte of the frame in progress has come.
  MonoTime partial_since_{};
  std::size_t partial_bytes_ = 0;
  bool starved_ = false;  // there was no memory to let the rest of that frame come
};

}  // namespace felix::broker
