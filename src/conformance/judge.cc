#include "conformance/judge.h"

#include "json/reader.h"
#include "wire/features.h"
#include "wire/json_codec.h"

namespace felix::conformance {
namespace {

using Kind = Verdict::Kind;

void reject(Verdict& verdict, std::string_view at, std::string answer, const Error& error) {
  verdict.kind = Kind::reject;
  verdict.at = at;
  verdict.answer = std::move(answer);
  verdict.reason = to_string(error);
}

void judge_publish(Verdict& verdict) {
  auto publish = wire::parse_publish_batch(verdict.frame.flags, verdict.frame.payload);
  if (publish) {
    verdict.value = *std::move(publish);
    return;
  }
  const auto& fault = publish.error();
  if (!fault.request_id) return reject(verdict, "payload", "teardown", fault.error);
  verdict.request_id = fault.request_id->value;
  reject(verdict, "payload", "ack_error:" + std::string(wire::kMalformedPublishText), fault.error);
}

template <class Message>
void judge_message(Verdict& verdict, Result<Message> message) {
  if (!message) return reject(verdict, "payload", "teardown", message.error());
  if (std::holds_alternative<wire::UnknownMessage>(*message)) verdict.kind = Kind::unknown;
  if constexpr (std::same_as<Message, wire::ClientMessage>) {
    const auto* publish = std::get_if<wire::Publish>(&*message);
    if (publish != nullptr && publish->ack_mode() != wire::AckMode::none && !publish->request_id)
      verdict.answer = "error:missing request_id for acked publish";
  }
  verdict.value = *std::move(message);
}

template <class Value>
void judge_binary(Verdict& verdict, Result<Value> value) {
  if (!value) return reject(verdict, "payload", "teardown", value.error());
  verdict.value = *std::move(value);
}

void judge_frame(Verdict& verdict, const Terms& terms) {
  const bool broker = terms.receiver == Receiver::broker;
  const std::string refusal = broker ? "error:unsupported frame flags" : "teardown";
  const bool binary_cache = (terms.offered_features_hi & wire::kFeatureHiBinaryCache) != 0;
  const auto kind =
      wire::check_flags(verdict.frame.flags, terms.offered_flags | (binary_cache ? wire::kBinaryCache : 0));
  if (!kind) return reject(verdict, "flags", refusal, kind.error());
  const bool one_way = *kind != wire::FrameKind::json && *kind != wire::FrameKind::cache;
  if (one_way && (*kind == wire::FrameKind::publish_batch) != broker)
    return reject(verdict, "flags", refusal, Error{Errc::unsupported, "a frame of the other direction"});
  const Bytes payload = verdict.frame.payload.bytes();
  json::Reader reader;
  switch (*kind) {
    case wire::FrameKind::publish_batch:
      return judge_publish(verdict);
    case wire::FrameKind::publish_ack:
      return judge_binary(verdict, wire::parse_publish_ack(verdict.frame.flags, payload));
    case wire::FrameKind::event_batch:
      return judge_binary(verdict, wire::parse_event_batch(verdict.frame.flags, verdict.frame.payload));
    case wire::FrameKind::cache:
      if (broker) return judge_binary(verdict, wire::parse_cache_request(verdict.frame.payload));
      return judge_binary(verdict, wire::parse_cache_answer(verdict.frame.payload));
    case wire::FrameKind::json:
      if (broker) return judge_message(verdict, wire::parse_client_message(payload, reader));
      return judge_message(verdict, wire::parse_server_message(payload, reader));
  }
}

std::string_view place(wire::StreamEnd end) {
  switch (end) {
    case wire::StreamEnd::at_boundary:
      return "boundary";
    case wire::StreamEnd::in_header:
      return "header";
    case wire::StreamEnd::in_payload:
      return "payload";
  }
  return "";
}

}  // namespace

Verdict judge(Bytes bytes, const Terms& terms) {
  wire::FrameReader frames(terms.max_payload_bytes);
  frames.push(bytes);
  Verdict verdict;
  for (bool any = false;;) {
    wire::IncomingFrame frame;
    const Result<bool> more = frames.next(frame);
    if (!more) {
      reject(verdict, "header", "teardown", more.error());
      return verdict;
    }
    if (!*more) {
      const auto end = frames.end_state();
      if (!any || end != wire::StreamEnd::at_boundary) verdict.kind = Kind::incomplete;
      verdict.at = any && end == wire::StreamEnd::at_boundary ? "" : place(end);
      return verdict;
    }
    any = true;
    verdict = Verdict{};
    verdict.frame = std::move(frame);
    judge_frame(verdict, terms);
    if (verdict.kind == Kind::reject) return verdict;
  }
}

}  // namespace felix::conformance
