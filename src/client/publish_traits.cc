#include "client/publish_traits.h"

#include <utility>

#include "base/utf8.h"
#include "client/message.h"
#include "wire/ack_codec.h"
#include "wire/json_codec.h"
#include "wire/publish_codec.h"

namespace felix::client {

namespace {

bool binary_allowed(const PublishRequest& request, const Agreement& agreement) {
  std::uint16_t needed = wire::kBinaryPublishBatch;
  if (request.ack != AckMode::none) needed |= wire::kBinaryPublishAcked | wire::kBinaryPublishAck;
  if (request.key) needed |= wire::kBinaryPublishKeyed;
  return agreement.has_flags(needed);
}

Answer<PublishOutcome> answer_of(wire::PublishAck ack) {
  if (ack.ok) return {ack.request_id, PublishOutcome{ack.offset}};
  return {ack.request_id, std::unexpected(refusal(ack.message, ack.info))};
}

struct MessageAnswer {
  Answer<PublishOutcome> operator()(const wire::PublishOk& ok) const {
    return {ok.request_id, PublishOutcome{ok.offset}};
  }
  Answer<PublishOutcome> operator()(const wire::PublishError& error) const {
    return {error.request_id, std::unexpected(refusal(error.message, error.info))};
  }
  Answer<PublishOutcome> operator()(const wire::ErrorMessage& error) const {
    return {std::nullopt, std::unexpected(refusal(error.message, error.info))};
  }
  Answer<PublishOutcome> operator()(const wire::Unsupported& refused) const {
    return {refused.request_id,
            fail(Errc::unsupported, "the broker does not serve \"" + refused.request_type + "\"")};
  }
  template <class Other>
  Answer<PublishOutcome> operator()(const Other&) const {
    return {};
  }
};

}  // namespace

std::size_t footprint_bytes(const PublishRequest& request) {
  return wire::kHeaderBytes + request.records.encoded_bytes() + request.stream.size() +
         request.namespace_id.size() + (request.key ? request.key->size() : 0);
}

Result<EncodedRequest> PublishTraits::encode(const PublishRequest& request, RequestId id,
                                             const Agreement& agreement) {
  const std::string& space = request.namespace_id.empty() ? namespace_id : request.namespace_id;
  for (const std::string_view name :
       {std::string_view(tenant), std::string_view(space), std::string_view(request.stream)})
    if (!is_utf8(as_bytes(name))) return fail(Errc::usage, "a name must be UTF-8");

  const bool acked = answered(request);
  if (binary_allowed(request, agreement)) {
    wire::BinaryPublish publish;
    if (acked) publish.request_id = id;
    publish.ack = request.ack;
    if (request.key) publish.key = Bytes(*request.key);
    publish.tenant_id = tenant;
    publish.namespace_id = space;
    publish.stream = request.stream;
    publish.records = request.records;
    scratch.clear();
    FELIX_CHECK(wire::append_publish_head(scratch, publish));
    if (scratch.size() <= flow::InlineBytes::kCapacity)
      return EncodedRequest{{}, request.records.slice(), flow::InlineBytes(scratch)};
    return EncodedRequest{flow::Slice::copy_of(scratch), request.records.slice()};
  }
  wire::Publish publish;
  publish.batch = request.records.count() != 1;
  publish.tenant_id = tenant;
  publish.namespace_id = space;
  publish.stream = request.stream;
  publish.records = request.records;
  publish.key = request.key;
  if (acked) publish.request_id = id;
  publish.ack = request.ack;
  return EncodedRequest{wire::encode_frame(publish), {}};
}

Result<Answer<PublishOutcome>> PublishTraits::parse(const wire::IncomingFrame& frame) {
  FELIX_TRY(const wire::FrameKind kind, wire::check_flags(frame.flags, kClientFlags));
  if (kind == wire::FrameKind::publish_ack) {
    FELIX_TRY(wire::PublishAck ack, wire::parse_publish_ack(frame.flags, frame.payload.bytes()));
    return answer_of(std::move(ack));
  }
  if (kind != wire::FrameKind::json)
    return fail(Errc::malformed, "the broker sent something else than an answer on a publish channel");
  FELIX_TRY(const wire::ServerMessage message, parse_message(frame));
  return std::visit(MessageAnswer{}, message);
}

}  // namespace felix::client
