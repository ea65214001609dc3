#include <algorithm>

#include "base/hex.h"
#include "conformance/json_value.h"
#include "conformance/judge.h"
#include "conformance/vector_case.h"
#include "json/reader.h"
#include "wire/header.h"

namespace felix::conformance {
namespace {

// "per_batch", "PerBatch" and 2 are the same ack mode to whoever wrote the vector.
bool names_ack_mode(const json::Value& value, wire::AckMode ack) {
  if (const auto number = value.to_u64()) return *number == static_cast<std::uint64_t>(ack);
  if (!value.is_string()) return false;
  const std::string_view text = value.as_string();
  if (ack == wire::AckMode::per_batch) return text == "per_batch" || text == "PerBatch";
  return text == "per_message" || text == "PerMessage";
}

bool names_status(const json::Value& value, bool ok) {
  if (const auto number = value.to_u64()) return *number == (ok ? 0u : 1u);
  return value.is_string() && value.as_string() == (ok ? "ok" : "error");
}

bool same_text(const json::Value& vector, std::string_view name, std::string_view decoded) {
  const json::Value* value = vector.find(name);
  return value == nullptr || (value->is_string() && value->as_string() == decoded);
}

bool same_number(const json::Value& vector, std::string_view name, std::uint64_t decoded) {
  const json::Value* value = vector.find(name);
  return value == nullptr || value->to_u64() == decoded;
}

CaseResult compare_publish(const json::Value& vector, const wire::BinaryPublish& publish) {
  if (!publish.request_id || !same_number(vector, "request_id", publish.request_id->value))
    return failed("request_id: not the one expected");
  const json::Value* ack = vector.find("ack_mode");
  if (ack != nullptr && !names_ack_mode(*ack, publish.ack)) return failed("ack_mode: not the one expected");
  if (!same_text(vector, "tenant_id", publish.tenant_id) ||
      !same_text(vector, "namespace", publish.namespace_id) || !same_text(vector, "stream", publish.stream))
    return failed("names: not the ones expected");
  const json::Value* payloads = vector.find("payloads_utf8");
  if (payloads == nullptr) return passed();
  if (payloads->size() != publish.records.count()) return failed("payloads_utf8: another number of records");
  auto record = publish.records.begin();
  for (const json::Value& payload : payloads->elements()) {
    if (!payload.is_string() || payload.as_string() != as_text(*record++))
      return failed("payloads_utf8: a record differs");
  }
  return passed();
}

CaseResult compare_ack(const json::Value& vector, const wire::PublishAck& ack) {
  if (!same_number(vector, "request_id", ack.request_id.value))
    return failed("request_id: not the one expected");
  const json::Value* status = vector.find("status");
  if (status != nullptr && !names_status(*status, ack.ok)) return failed("status: not the one expected");
  const json::Value* message = vector.find("message");
  if (message != nullptr && !message->is_null() && !same_text(vector, "message", ack.message))
    return failed("message: not the one expected");
  return passed();
}

// `payload_json` says what the payload says. Sets `canonical` when the payload is spelled as an encoder
// would.
Result<CaseResult> compare_payload_json(const json::Value& vector, std::string_view payload,
                                        bool& canonical) {
  const auto document = json::parse(payload);
  if (!document) return failed("payload: " + document.error().context);
  canonical = compact(document->root()) == payload;
  const json::Value* expected = vector.find("payload_json");
  if (expected == nullptr) return fail(Errc::malformed, "member `payload_json` is missing");
  if (!equivalent(*expected, document->root()))
    return failed("payload: says " + compact(document->root()) + ", not " + compact(*expected));
  return passed();
}

bool is_known(const Verdict& verdict) {
  const wire::UnknownMessage* unknown = nullptr;
  if (const auto* request = std::get_if<wire::ClientMessage>(&verdict.value))
    unknown = std::get_if<wire::UnknownMessage>(request);
  else if (const auto* answer = std::get_if<wire::ServerMessage>(&verdict.value))
    unknown = std::get_if<wire::UnknownMessage>(answer);
  return unknown != nullptr && unknown->known;
}

// Either direction: the file does not say who receives it.
Verdict judge_either(Bytes frame) {
  Verdict as_broker = judge(frame, Terms{.receiver = Receiver::broker});
  if (as_broker.kind == Verdict::Kind::accept) return as_broker;
  Verdict as_client = judge(frame, Terms{.receiver = Receiver::client});
  if (as_client.kind == Verdict::Kind::accept || is_known(as_client)) return as_client;
  return as_broker;
}

}  // namespace

Result<CaseResult> run_original_case(const json::Value& vector) {
  FELIX_TRY(const std::string kind, text_member(vector, "kind", "json_message"));
  FELIX_TRY(const std::vector<std::byte> frame, hex_member(vector, "frame_hex"));
  const bool json = kind == "json_message";
  if (!json && kind != "binary_acked_publish_batch" && kind != "binary_publish_ack")
    return fail(Errc::malformed, "member `kind` is \"" + kind + "\", which no vector has");
  const Bytes payload = Bytes(frame).subspan(std::min(frame.size(), wire::kHeaderBytes));
  if (vector.find("payload_hex") != nullptr) {
    FELIX_TRY(const std::vector<std::byte> expected, hex_member(vector, "payload_hex"));
    if (!std::ranges::equal(expected, payload)) return failed("payload_hex: not the payload of frame_hex");
  }
  bool canonical = true;
  if (json) {
    FELIX_TRY(const CaseResult payload_json, compare_payload_json(vector, as_text(payload), canonical));
    if (payload_json.outcome != Outcome::pass) return payload_json;
  }

  const Verdict verdict = judge_either(frame);
  if (verdict.kind == Verdict::Kind::unknown && is_known(verdict))
    return skipped("a message of the protocol that this build does not serve");
  if (verdict.kind != Verdict::Kind::accept) return failed("not accepted: " + verdict.reason);
  if (!same_number(vector, "flags", verdict.frame.flags)) return failed("flags: not those of the frame");
  if (canonical && encode_again(verdict) != frame)
    return failed("encoded again: got " + encode_hex(encode_again(verdict)));
  if (json) return passed();
  if (const auto* publish = std::get_if<wire::BinaryPublish>(&verdict.value))
    return kind == "binary_publish_ack" ? failed("kind: this is a publish batch")
                                        : compare_publish(vector, *publish);
  if (const auto* ack = std::get_if<wire::PublishAck>(&verdict.value))
    return kind == "binary_publish_ack" ? compare_ack(vector, *ack) : failed("kind: this is a publish ack");
  return failed("kind: the frame is neither a publish batch nor an ack");
}

}  // namespace felix::conformance
