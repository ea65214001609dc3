// proto.*: requests and their answers (wire protocol sections 5.4, 6.2, 7.2 and 8).

#include <fmt/format.h>

#include "client/token_source.h"
#include "conformance/live_context.h"
#include "conformance/live_raw.h"
#include "conformance/live_scenario.h"
#include "wire/features.h"
#include "wire/publish_codec.h"

namespace felix::conformance {
namespace {

constexpr std::uint16_t kBinaryAcked =
    wire::kBinaryPublishBatch | wire::kBinaryPublishAcked | wire::kBinaryPublishAck;
constexpr const char* kNoBinaryAcks = "the broker does not advertise binary acknowledged publishes";

std::vector<std::byte> binary_publish(const Context& context, const std::string& stream,
                                      std::string_view record, std::optional<RequestId> id) {
  wire::BinaryPublish publish;
  publish.request_id = id;
  publish.ack = id ? wire::AckMode::per_batch : wire::AckMode::none;
  publish.tenant_id = context.tenant();
  publish.namespace_id = context.namespace_id();
  publish.stream = stream;
  publish.records = wire::RecordRun::single(as_bytes(record));
  std::vector<std::byte> frame;
  if (Status encoded = wire::append_publish_head(frame, publish); !encoded) return {};
  const Bytes body = publish.records.slice().bytes();
  frame.insert(frame.end(), body.begin(), body.end());
  return frame;
}

Result<Finding> unknown_message_type(Context& context) {
  FELIX_TRY(const RawSession raw, open_raw(context));
  raw.channel->send(Bytes(frame_of(0, as_bytes(R"({"type":"no_such_request","request_id":77})"))));
  if (!context.agreement().has_feature(wire::kFeatureUnsupported)) {
    FELIX_CHECK(raw.channel->expect_end("an unknown message type"));
    FELIX_CHECK(raw.connection->still_serves());
    return held();
  }
  FELIX_TRY(const auto answer, raw.channel->expect<wire::Unsupported>("unsupported"));
  const RequestId id{77};
  if (answer.request_type != "no_such_request") return broken("unsupported names another request");
  if (answer.request_id != id) return broken("unsupported does not carry the request_id");
  raw.channel->send(Bytes(frame_of(0, as_bytes(R"({"type":"extension","name":"x.y","request_id":77})"))));
  FELIX_TRY(const auto extension, raw.channel->expect<wire::Unsupported>("unsupported for an extension"));
  if (extension.extension != "x.y") return broken("unsupported does not name the extension");
  return held();
}

Result<Finding> acked_publish_needs_a_request_id(Context& context) {
  FELIX_TRY(const RawSession raw, open_raw(context));
  raw.channel->send(publish_message(context, context.stream(), context.mark() + "unnamed", {}));
  FELIX_CHECK(raw.channel->expect<wire::ErrorMessage>("an error for a publish without request_id"));
  const RequestId id{5};
  raw.channel->send(publish_message(context, context.stream(), context.mark() + "named", id));
  FELIX_CHECK(raw.channel->expect<wire::PublishOk>("publish_ok on the stream that went on"));
  return held();
}

Result<Finding> malformed_acked_batch_is_answered(Context& context) {
  if (!context.agreement().has_flags(kBinaryAcked)) return not_applicable(kNoBinaryAcks);
  FELIX_TRY(const RawSession raw, open_raw(context));
  const RequestId id{0xFFFFFFFFFFFFFFFF};
  std::vector<std::byte> frame = binary_publish(context, context.stream(), "x", id);
  // One record, and a count that says there are many more than could be there.
  store_be(frame.data() + frame.size() - 9, std::uint32_t{0xFFFFFFFF});
  raw.channel->send(Bytes(frame));
  FELIX_TRY(const auto refused, raw.channel->expect_ack("an acknowledgement that refuses"));
  if (refused.ok) return broken("a batch whose count lies was acknowledged as done");
  if (refused.request_id != id) return broken("the refusal names another request");
  raw.channel->send(Bytes(binary_publish(context, context.stream(), context.mark() + "good", RequestId{6})));
  FELIX_TRY(const auto accepted, raw.channel->expect_ack("an acknowledgement on the stream that went on"));
  if (!accepted.ok) return broken("a good batch after a malformed one was refused: " + accepted.message);
  return held();
}

Result<Finding> unreadable_request_ends_the_stream(Context& context) {
  if (!context.agreement().has_flags(kBinaryAcked)) return not_applicable(kNoBinaryAcks);
  FELIX_TRY(const RawSession raw, open_raw(context));
  std::vector<std::byte> frame =
      binary_publish(context, context.stream(), context.mark() + "x", RequestId{8});
  frame[wire::kHeaderBytes + 8] = std::byte{9};  // the mode of acknowledgement
  raw.channel->send(Bytes(frame));
  FELIX_CHECK(raw.channel->expect_end("a batch whose request cannot be trusted"));
  FELIX_CHECK(raw.connection->still_serves());
  return held();
}

// The request an answer is for.
Result<std::uint64_t> request_of(const wire::IncomingFrame& frame) {
  if (frame.flags != 0) {
    FELIX_TRY(const wire::PublishAck ack, ack_of(frame));
    if (!ack.ok) return fail(Errc::invalid_request, "a publish was refused: " + ack.message);
    return ack.request_id.value;
  }
  FELIX_TRY(const wire::ServerMessage message, client::parse_message(frame));
  if (const auto* ok = std::get_if<wire::PublishOk>(&message)) return ok->request_id.value;
  if (const auto* ok = std::get_if<wire::CacheOk>(&message)) return ok->request_id.value;
  if (const auto* value = std::get_if<wire::CacheValue>(&message); value != nullptr && value->request_id)
    return value->request_id->value;
  if (const auto* error = std::get_if<wire::ErrorMessage>(&message))
    return fail(Errc::invalid_request, "a request was refused: " + error->message);
  return fail(Errc::invalid_request, "a message that answers no request of ours");
}

Result<Finding> answers_keep_request_order(Context& context) {
  const bool binary = context.agreement().has_flags(kBinaryAcked);
  FELIX_TRY(const RawSession raw, open_raw(context));
  // Everything in one go: several streams and a cache, which several threads of a broker may own.
  std::vector<std::byte> burst;
  constexpr std::uint64_t kRounds = 40;
  std::uint64_t next = 1;
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    const std::string record = context.mark() + std::to_string(round);
    const client::CacheKey key = context.key("k" + std::to_string(round));
    wire::append_frame(burst, publish_message(context, context.stream(round), record, RequestId{next++}));
    wire::append_frame(burst, wire::CachePut{context.tenant(),
                                             context.namespace_id(),
                                             key.cache,
                                             key.key,
                                             flow::Slice::copy_of(as_bytes(record)),
                                             RequestId{next++},
                                             {}});
    if (binary) {
      const auto frame = binary_publish(context, context.stream(round + 1), record, RequestId{next++});
      burst.insert(burst.end(), frame.begin(), frame.end());
    }
    wire::append_frame(burst, wire::CacheGet{context.tenant(), context.namespace_id(), key.cache, key.key,
                                             RequestId{next++}});
  }
  raw.channel->send(Bytes(burst));
  for (std::uint64_t id = 1; id < next; ++id) {
    FELIX_TRY(const auto frame, raw.channel->next(fmt::format("the answer to request {}", id)));
    if (!frame) return broken(fmt::format("the stream ended before the answer to request {}", id));
    FELIX_TRY(const std::uint64_t answered, request_of(*frame));
    if (answered != id) return broken(fmt::format("request {} was answered before request {}", answered, id));
  }
  return held();
}

Result<Finding> publish_only_stream_delivers(Context& context) {
  FELIX_TRY(const auto reader, Reader::open(context, context.stream(), client::Start::latest()));
  FELIX_TRY(const auto connection, RawConnection::open(context));
  FELIX_TRY(RawChannel* const channel, connection->uni());
  FELIX_TRY(std::string token, client::read_token(context.connect()));
  channel->send(wire::Auth{.tenant_id = context.tenant(),
                           .token = std::move(token),
                           .client_flags = context.connect().client_flags,
                           .client_features = context.connect().client_features,
                           .client_features_hi = {}});
  // An acknowledgement asked for is not owed here.
  const RequestId id{9};
  channel->send(publish_message(context, context.stream(), context.mark() + "json", id));
  if (context.agreement().has_flags(wire::kBinaryPublishBatch))
    channel->send(Bytes(binary_publish(context, context.stream(), context.mark() + "binary", {})));
  channel->finish();
  FELIX_TRY(const auto got, reader->take(context.agreement().has_flags(wire::kBinaryPublishBatch) ? 2 : 1));
  if (got.front().text != context.mark() + "json") return broken("records of one stream changed places");
  return held();
}

Result<Finding> event_stream_begins_with_its_hello(Context& context) {
  FELIX_TRY(const RawSession raw, open_raw(context));
  wire::Subscribe subscribe;
  subscribe.tenant_id = context.tenant();
  subscribe.namespace_id = context.namespace_id();
  subscribe.stream = context.stream();
  subscribe.subscription_id = SubscriptionId{0xFFFFFFFFFFFFFFF0};
  raw.channel->send(subscribe);
  raw.channel->finish();
  FELIX_TRY(const auto subscribed, raw.channel->expect<wire::Subscribed>("subscribed"));
  if (subscribed.subscription_id != *subscribe.subscription_id)
    return broken("subscribed has another id than the client asked for");
  FELIX_CHECK(raw.channel->expect_end("subscribed"));
  FELIX_TRY(RawChannel* const events, raw.connection->accept());
  FELIX_TRY(const auto hello, events->expect<wire::EventStreamHello>("event_stream_hello"));
  if (hello.subscription_id != subscribed.subscription_id)
    return broken("the hello has another id than subscribed");
  return held();
}

constexpr Scenario kScenarios[] = {
    {.id = "proto.unknown_message_type",
     .sentence =
         "An unknown message type is answered by unsupported where both offer that, and ends the stream "
         "otherwise",
     .run = unknown_message_type},
    {.id = "proto.acked_publish_needs_a_request_id",
     .sentence = "A publish that is owed an answer and has no request_id is an error, and the stream goes on",
     .run = acked_publish_needs_a_request_id,
     .uses_stream = true},
    {.id = "proto.malformed_acked_batch_is_answered",
     .sentence =
         "A malformed batch with a readable request is refused by its acknowledgement, and the stream "
         "goes on",
     .run = malformed_acked_batch_is_answered,
     .uses_stream = true},
    {.id = "proto.unreadable_request_ends_the_stream",
     .sentence = "A batch whose mode of acknowledgement is unknown ends its stream alone",
     .run = unreadable_request_ends_the_stream,
     .uses_stream = true},
    {.id = "proto.answers_keep_request_order",
     .sentence = "Mixed requests on one stream are answered in the order in which they were sent",
     .run = answers_keep_request_order,
     .uses_stream = true,
     .uses_cache = true},
    {.id = "proto.publish_only_stream_delivers",
     .sentence = "A stream that only the client writes to takes publishes without answering",
     .run = publish_only_stream_delivers,
     .uses_stream = true},
    {.id = "proto.event_stream_begins_with_its_hello",
     .sentence =
         "A subscribe is answered once, its stream ends, and the event stream begins with the same id",
     .run = event_stream_begins_with_its_hello,
     .uses_stream = true},
};

}  // namespace

std::span<const Scenario> request_scenarios() { return kScenarios; }

}  // namespace felix::conformance
