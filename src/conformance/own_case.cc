#include "base/hash.h"
#include "base/hex.h"
#include "conformance/json_value.h"
#include "conformance/judge.h"
#include "conformance/vector_case.h"
#include "wire/header.h"

namespace felix::conformance {
namespace {

std::string_view word(Verdict::Kind kind) {
  switch (kind) {
    case Verdict::Kind::accept:
      return "accept";
    case Verdict::Kind::unknown:
      return "unknown";
    case Verdict::Kind::reject:
      return "reject";
    case Verdict::Kind::incomplete:
      return "incomplete";
  }
  return "";
}

CaseResult mismatch(std::string_view what, std::string_view expected, std::string_view got) {
  return failed(std::string(what) + ": expected " + std::string(expected) + ", got " + std::string(got));
}

Result<Terms> terms_of(const json::Value& vector) {
  FELIX_TRY(const std::string receiver, text_member(vector, "receiver"));
  if (receiver != "broker" && receiver != "client")
    return fail(Errc::malformed, "member `receiver` is neither broker nor client");
  Terms terms;
  terms.receiver = receiver == "broker" ? Receiver::broker : Receiver::client;
  FELIX_TRY(const std::uint64_t flags, uint_member(vector, "offered_flags", UINT16_MAX, wire::kKnownFlagsT2));
  FELIX_TRY(const std::uint64_t features_hi, uint_member(vector, "offered_features_hi", UINT32_MAX, 0));
  FELIX_TRY(const std::uint64_t most,
            uint_member(vector, "max_payload_bytes", UINT32_MAX, wire::kDefaultMaxPayloadBytes));
  terms.offered_flags = static_cast<std::uint16_t>(flags);
  terms.offered_features_hi = static_cast<std::uint32_t>(features_hi);
  terms.max_payload_bytes = static_cast<std::uint32_t>(most);
  return terms;
}

// `at`, `answer`, `request_id` and, of an unknown message, its name.
Result<CaseResult> compare_refusal(const json::Value& vector, const Verdict& verdict) {
  FELIX_TRY(const std::string at, text_member(vector, "at", ""));
  if (at != verdict.at) return mismatch("at", at, verdict.at + " (" + verdict.reason + ")");
  FELIX_TRY(const std::string answer, text_member(vector, "answer", ""));
  if (answer != verdict.answer) return mismatch("answer", answer, verdict.answer);

  wire::UnknownMessage unknown;
  if (const auto* request = std::get_if<wire::ClientMessage>(&verdict.value)) {
    if (const auto* one = std::get_if<wire::UnknownMessage>(request)) unknown = *one;
  } else if (const auto* message = std::get_if<wire::ServerMessage>(&verdict.value)) {
    if (const auto* one = std::get_if<wire::UnknownMessage>(message)) unknown = *one;
  }
  if (verdict.request_id) unknown.request_id = RequestId(*verdict.request_id);
  const bool has_id = vector.find("request_id") != nullptr;
  FELIX_TRY(const std::uint64_t id, uint_member(vector, "request_id", UINT64_MAX, 0));
  if (unknown.request_id != (has_id ? std::optional(RequestId(id)) : std::nullopt))
    return failed("request_id: not the one expected");
  FELIX_TRY(const std::string type, text_member(vector, "type", ""));
  if (type != unknown.type) return mismatch("type", type, unknown.type);
  FELIX_TRY(const std::string extension, text_member(vector, "extension", ""));
  if (extension != unknown.extension.value_or("")) return failed("extension: not the one expected");
  const json::Value* known = vector.find("known");
  if (known != nullptr && (!known->is_bool() || known->as_bool() != unknown.known))
    return failed("known: not as expected");
  return passed();
}

// The message as the vector spells it, sent through the codec: parse, then encode.
Result<std::vector<std::byte>> encode_from_spelling(const json::Value& message, Receiver receiver) {
  const std::string text = compact(message);
  std::vector<std::byte> frame(wire::kHeaderBytes);
  wire::store_header(frame.data(), {0, static_cast<std::uint32_t>(text.size())});
  const Bytes payload = as_bytes(text);
  frame.insert(frame.end(), payload.begin(), payload.end());
  const Verdict verdict = judge(frame, Terms{receiver, wire::kKnownFlagsT2, 0, UINT32_MAX});
  if (verdict.kind != Verdict::Kind::accept)
    return fail(Errc::malformed, "member `message` is not a message this build serves");
  return encode_again(verdict);
}

Result<CaseResult> compare_value(const json::Value& vector, Bytes frame, const Terms& terms,
                                 const Verdict& verdict) {
  FELIX_TRY(const std::string answer, text_member(vector, "answer", ""));
  if (answer != verdict.answer) return mismatch("answer", answer, verdict.answer);
  std::vector<std::byte> expected(frame.begin(), frame.end());
  if (vector.find("reencoded_hex") != nullptr) {
    FELIX_TRY(expected, hex_member(vector, "reencoded_hex"));
  }
  const std::vector<std::byte> again = encode_again(verdict);
  if (again != expected) return mismatch("encoded again", encode_hex(expected), encode_hex(again));

  FELIX_TRY(const std::string kind, text_member(vector, "kind"));
  if (kind == "json") {
    const json::Value* message = vector.find("message");
    if (message == nullptr) return fail(Errc::malformed, "member `message` is missing");
    FELIX_TRY(const std::vector<std::byte> encoded, encode_from_spelling(*message, terms.receiver));
    if (encoded != expected) return mismatch("encoded", encode_hex(expected), encode_hex(encoded));
    return passed();
  }
  const json::Value* value = vector.find("value");
  if (value == nullptr) return fail(Errc::malformed, "member `value` is missing");
  const std::string decoded = describe(verdict);
  if (decoded != compact(*value)) return mismatch("decoded", compact(*value), decoded);
  return passed();
}

Result<CaseResult> run_frame_case(const json::Value& vector) {
  FELIX_TRY(const Terms terms, terms_of(vector));
  FELIX_TRY(const std::vector<std::byte> frame, hex_member(vector, "frame_hex"));
  FELIX_TRY(const std::string expect, text_member(vector, "expect", "accept"));
  if (vector.find("payload_text") != nullptr) {
    FELIX_TRY(const std::string text, text_member(vector, "payload_text"));
    if (frame.size() < wire::kHeaderBytes || as_text(Bytes(frame).subspan(wire::kHeaderBytes)) != text)
      return fail(Errc::malformed, "member `payload_text` is not the payload of `frame_hex`");
  }
  const Verdict verdict = judge(frame, terms);
  if (expect != word(verdict.kind))
    return mismatch("verdict", expect, std::string(word(verdict.kind)) + " (" + verdict.reason + ")");
  if (verdict.kind == Verdict::Kind::accept) return compare_value(vector, frame, terms, verdict);
  return compare_refusal(vector, verdict);
}

Result<CaseResult> run_routing_case(const json::Value& vector) {
  FELIX_TRY(const std::vector<std::byte> key, hex_member(vector, "key_hex"));
  FELIX_TRY(const std::vector<std::byte> expected, hex_member(vector, "hash_hex"));
  if (expected.size() != 8) return fail(Errc::malformed, "member `hash_hex` is not of 8 bytes");
  const std::uint64_t hash = routing_hash(key);
  if (hash != load_be<std::uint64_t>(expected.data())) return failed("hash: differs");
  const json::Value* shards = vector.find("shards");
  const json::Value* modulo = vector.find("modulo");
  const json::Value* jump = vector.find("jump");
  if (shards == nullptr || modulo == nullptr || jump == nullptr || shards->size() != modulo->size() ||
      shards->size() != jump->size())
    return fail(Errc::malformed, "members `shards`, `modulo` and `jump` are not arrays of one length");
  auto by_modulo = modulo->elements().begin();
  auto by_jump = jump->elements().begin();
  for (const json::Value& element : shards->elements()) {
    const auto count = element.to_u64();
    if (!count || *count > UINT32_MAX) return fail(Errc::malformed, "member `shards` holds no count");
    const auto n = static_cast<std::uint32_t>(*count);
    if (by_modulo->to_u64() != modulo_shard(hash, n))
      return failed("modulo " + std::to_string(n) + ": got " + std::to_string(modulo_shard(hash, n)));
    if (by_jump->to_u64() != jump_shard(hash, n))
      return failed("jump " + std::to_string(n) + ": got " + std::to_string(jump_shard(hash, n)));
    ++by_modulo;
    ++by_jump;
  }
  return passed();
}

}  // namespace

Result<CaseResult> run_own_case(const json::Value& vector) {
  FELIX_TRY(const std::string kind, text_member(vector, "kind", ""));
  if (kind == "internal") return run_internal_case(vector);
  return kind == "routing" ? run_routing_case(vector) : run_frame_case(vector);
}

}  // namespace felix::conformance
