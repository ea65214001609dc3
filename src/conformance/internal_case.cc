#include <type_traits>

#include "base/hex.h"
#include "conformance/json_value.h"
#include "conformance/vector_case.h"
#include "json/writer.h"
#include "wire/frame_reader.h"
#include "wire/internal_codec.h"

namespace felix::conformance {
namespace {

void describe_shard(json::Writer& writer, const wire::ShardRef& shard) {
  writer.member("tenant_id", shard.tenant_id);
  writer.member("namespace", shard.namespace_id);
  writer.member("stream", shard.stream);
  writer.member("shard", shard.shard);
  writer.member("generation", shard.generation);
}

void describe_records(json::Writer& writer, const wire::RecordRun& records) {
  writer.key("records_hex");
  writer.begin_array();
  for (const Bytes record : records) writer.string(encode_hex(record));
  writer.end_array();
}

void describe_body(json::Writer&, const wire::UnknownInternal&) {}
void describe_body(json::Writer&, const wire::InternalPing&) {}
void describe_body(json::Writer& writer, const wire::InternalHello& hello) {
  writer.member("node_id", hello.node_id);
}
void describe_body(json::Writer& writer, const wire::ForwardPublish& publish) {
  describe_shard(writer, publish.shard);
  constexpr std::string_view kAcks[] = {"none", "on_accept", "on_commit"};
  writer.member("ack", kAcks[static_cast<std::size_t>(publish.ack)]);
  describe_records(writer, publish.records);
}
void describe_body(json::Writer& writer, const wire::ReplicateRecords& replicate) {
  describe_shard(writer, replicate.shard);
  writer.member("first_offset", replicate.first_offset);
  writer.member("checksum", replicate.checksum);
  describe_records(writer, replicate.records);
}

std::string describe(const wire::InternalMessage& message) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  writer.member("kind", message.kind);
  writer.member("correlation_id", message.correlation_id);
  std::visit([&writer](const auto& body) { describe_body(writer, body); }, message.body);
  writer.end_object();
  return out;
}

struct Verdict {
  std::string_view word;  // accept, unknown, reject, incomplete
  std::string_view at = "";
  wire::IncomingFrame frame = {};  // `message` has views into it
  wire::InternalMessage message = {};
};

Verdict judge(Bytes bytes) {
  wire::FrameReader reader(wire::kInternalMaxPayloadBytes, wire::kInternalMagic);
  reader.push(bytes);
  Verdict verdict;
  const auto whole = reader.next(verdict.frame);
  if (!whole) return {"reject", "header"};
  if (!*whole) return {"incomplete"};
  auto message = wire::parse_internal(verdict.frame.flags, verdict.frame.payload);
  if (!message) return {"reject", "payload"};
  verdict.message = *std::move(message);
  verdict.word = std::holds_alternative<wire::UnknownInternal>(verdict.message.body) ? "unknown" : "accept";
  return verdict;
}

}  // namespace

Result<CaseResult> run_internal_case(const json::Value& vector) {
  FELIX_TRY(const std::vector<std::byte> frame, hex_member(vector, "frame_hex"));
  FELIX_TRY(const std::string expect, text_member(vector, "expect", "accept"));
  FELIX_TRY(const std::string at, text_member(vector, "at", ""));
  const Verdict verdict = judge(frame);
  if (verdict.word != expect)
    return failed("verdict: expected " + expect + ", got " + std::string(verdict.word));
  if (verdict.at != at) return failed("at: expected " + at + ", got " + std::string(verdict.at));
  if (expect != "accept" && expect != "unknown") return passed();
  const json::Value* value = vector.find("value");
  if (value == nullptr) return fail(Errc::malformed, "member `value` is missing");
  const std::string decoded = describe(verdict.message);
  if (decoded != compact(*value)) return failed("decoded: expected " + compact(*value) + ", got " + decoded);
  if (expect == "unknown") return passed();
  std::vector<std::byte> again;
  wire::append_internal_frame(again, verdict.message);
  return again == frame ? passed() : failed("encoded again: got " + encode_hex(again));
}

}  // namespace felix::conformance
