// Publishing (wire protocol sections 5.3, 6.2, 7.1-7.3 and 8.1).

#include "base/hash.h"
#include "broker/channel_session.h"
#include "broker/reactor.h"
#include "broker/session.h"
#include "wire/ack_codec.h"
#include "wire/features.h"
#include "wire/json_codec.h"

namespace felix::broker {
namespace {

// When a publish that was shed may be tried again: long enough for a slow reader to have taken something.
constexpr std::uint64_t kShedRetryAfterMs = 100;

// A record without a key is in shard 0 (wire protocol section 7.5).
std::uint32_t shard_of(std::optional<Bytes> key, const metadata::StreamRoute& stream) {
  if (!key) return 0;
  const std::uint64_t hash = routing_hash(*key);
  return stream.routing == metadata::Routing::jump_hash ? jump_shard(hash, stream.shards)
                                                        : modulo_shard(hash, stream.shards);
}

}  // namespace

void ChannelSession::handle_publish(wire::Publish& message) {
  const bool owed = !uni_ && message.ack_mode() != wire::AckMode::none;
  if (owed && !message.request_id) {
    reactor_.counters().publish_error.add();
    return refuse(Errc::invalid_request, "missing request_id for acked publish", Fate::goes_on);
  }
  PublishRequest request{message.tenant_id, message.namespace_id, message.stream,
                         std::nullopt,      message.records,      false,
                         std::nullopt};
  if (message.key) request.key = *message.key;
  if (owed) request.request_id = message.request_id;
  publish(request);
}

void ChannelSession::handle_binary_publish(const wire::IncomingFrame& frame) {
  auto parsed = wire::parse_publish_batch(frame.flags, frame.payload);
  if (!parsed) {
    reactor_.counters().frames_refused.add();
    reactor_.counters().publish_error.add();
    // The sender can be told only if the frame says which request it was.
    if (uni_ || !parsed.error().request_id) return end_after_answers();
    const PublishRequest request{{}, {}, {}, {}, {}, true, parsed.error().request_id};
    return refuse_publish(request, Errc::malformed, wire::kMalformedPublishText, Fate::goes_on);
  }
  PublishRequest request{parsed->tenant_id, parsed->namespace_id, parsed->stream,
                         parsed->key,       parsed->records,      true,
                         std::nullopt};
  if (!uni_) request.request_id = parsed->request_id;
  publish(request);
}

void ChannelSession::publish(const PublishRequest& request) {
  PublishRoute& route = publish_route_;
  const bool same_stream = route.known && route.table_version == reactor_.routes().version() &&
                           route.stream == request.stream && route.namespace_id == request.namespace_id &&
                           route.tenant_id == request.tenant_id;
  if (!same_stream) {
    route.known = false;
    if (request.tenant_id != identity_->tenant_id)
      return refuse_publish(request, Errc::forbidden, "tenant mismatch", Fate::ends);
    if (!identity_->principal.may_publish(request.tenant_id, request.namespace_id, request.stream))
      return refuse_publish(request, Errc::forbidden, "forbidden", Fate::ends);
    const metadata::StreamRoute* found = find_stream(request.tenant_id, request.namespace_id, request.stream);
    if (waiting_) return;
    if (found == nullptr) {
      if (creation_error_)
        return refuse_publish(request, creation_error_->code, creation_error_->context, Fate::goes_on);
      const std::string text = "stream not found: tenant=" + std::string(request.tenant_id) +
                               " namespace=" + std::string(request.namespace_id) +
                               " stream=" + std::string(request.stream);
      return refuse_publish(request, Errc::not_found, text, Fate::goes_on);
    }
    route = PublishRoute{std::string(request.tenant_id),
                         std::string(request.namespace_id),
                         std::string(request.stream),
                         reactor_.routes().version(),
                         *found,
                         true};
  }

  if (reactor_.options().shed_publishes && over_publish_budget()) return shed(request);

  const std::uint32_t shard = shard_of(request.key, route.target);
  PublishReply reply{request.binary, request.request_id, request.records.footprint_bytes(), reactor_.now()};
  const std::uint64_t slot = replies_.next_slot();
  auto outcome = reactor_.submit(PublishCommand{origin(slot), ShardId{route.target.incarnation, shard},
                                                request.records, identity_->publisher});
  if (outcome) {
    replies_.answer([&](std::vector<std::byte>& out) { answer_publish(reply, *outcome, out); },
                    asked_by(request));
    return;
  }
  note_withheld(static_cast<std::ptrdiff_t>(reply.bytes));
  reactor_.counters().inflight_requests.add(1);
  const std::uint64_t reserved = replies_.reserve(std::move(reply));
  FELIX_ASSERT(reserved == slot);
}

// `unanswered` is what becomes of the stream when nobody waits for the answer.
void ChannelSession::refuse_publish(const PublishRequest& request, Errc code, std::string_view text,
                                    Fate unanswered) {
  if (!request.request_id) {
    reactor_.counters().publish_dropped.add();
    if (unanswered == Fate::goes_on) return;  // dropped and counted
    if (request.binary || uni_) return end_after_answers();
    return refuse(code, text, Fate::ends);
  }
  refuse_publish(request, text, wire::error_info(code));
}

// The answer to whoever asked for one.
void ChannelSession::refuse_publish(const PublishRequest& request, std::string_view text,
                                    const wire::ErrorInfo& info) {
  replies_.answer(
      [&](std::vector<std::byte>& out) {
        append_refusal(PublishReply{request.binary, request.request_id, 0, reactor_.now()}, text, info, out);
      },
      asked_by(request));
}

// Nothing of it was appended. It keeps its place among the answers, which bounds how many are refused.
void ChannelSession::shed(const PublishRequest& request) {
  if (!request.request_id) {
    reactor_.counters().publish_dropped.add();
    reactor_.counters().ingress_dropped.add();
    return;
  }
  reactor_.counters().ingress_rejected.add();
  wire::ErrorInfo info = wire::error_info(Errc::overloaded);
  info.reason = wire::kReasonPublishQueueFull;
  info.retry_after_ms = kShedRetryAfterMs;
  refuse_publish(request, "publish queue full", info);
}

void ChannelSession::answer_publish(const PublishReply& reply, const Result<Outcome>& outcome,
                                    std::vector<std::byte>& out) {
  Metrics& metrics = reactor_.counters();
  if (!reply.request_id) {
    (outcome ? metrics.publish_accepted : metrics.publish_dropped).add();
    return;
  }
  if (!outcome)
    return append_refusal(reply, outcome.error().context, wire::error_info(outcome.error().code), out);
  note_answered(reply, metrics.publish_ok);
  std::optional<Offset> offset;
  if ((peer_flags_ & wire::kBinaryPublishAckOffset) != 0)
    offset = std::get<PublishOutcome>(*outcome).base_offset;
  if (!reply.binary) return wire::append_frame(out, wire::PublishOk{*reply.request_id, offset});
  wire::PublishAck ack;
  ack.request_id = *reply.request_id;
  ack.offset = offset;
  wire::append_publish_ack(out, ack, peer_flags_);
}

void ChannelSession::append_refusal(const PublishReply& reply, std::string_view text,
                                    const wire::ErrorInfo& info, std::vector<std::byte>& out) {
  note_answered(reply, reactor_.counters().publish_error);
  if (reply.binary) {
    wire::PublishAck ack;
    ack.request_id = *reply.request_id;
    ack.ok = false;
    ack.message = text;
    ack.info = info;
    return wire::append_publish_ack(out, ack, peer_flags_);
  }
  wire::PublishError error{*reply.request_id, std::string(text), std::nullopt};
  if ((peer_features_ & wire::kFeatureErrorCodes) != 0) error.info = info;
  wire::append_frame(out, error);
}

void ChannelSession::note_answered(const PublishReply& reply, telemetry::Counter& result) {
  result.add();
  reactor_.counters().publish_latency.record(
      static_cast<std::uint64_t>((reactor_.now() - reply.received_at).count()));
}

}  // namespace felix::broker
