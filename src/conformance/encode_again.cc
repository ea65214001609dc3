#include <type_traits>

#include "base/hex.h"
#include "conformance/judge.h"
#include "json/writer.h"
#include "wire/json_codec.h"

namespace felix::conformance {
namespace {

template <class Message>
void append_message(std::vector<std::byte>& out, const Message& message) {
  std::visit(
      [&out](const auto& one) {
        if constexpr (!std::same_as<std::decay_t<decltype(one)>, wire::UnknownMessage>)
          wire::append_frame(out, one);
      },
      message);
}

void describe_records(json::Writer& writer, const wire::RecordRun& records) {
  writer.key("records_hex");
  writer.begin_array();
  for (const Bytes record : records) writer.string(encode_hex(record));
  writer.end_array();
}

void describe_value(json::Writer& writer, const wire::BinaryPublish& publish) {
  if (publish.request_id) {
    writer.member("request_id", publish.request_id->value);
    const bool per_batch = publish.ack == wire::AckMode::per_batch;
    writer.member("ack", std::string_view(per_batch ? "per_batch" : "per_message"));
  }
  if (publish.producer) {
    writer.member("producer_id", publish.producer->producer_id);
    writer.member("sequence", publish.producer->sequence);
  }
  if (publish.key) writer.member("key_hex", encode_hex(*publish.key));
  writer.member("tenant_id", publish.tenant_id);
  writer.member("namespace", publish.namespace_id);
  writer.member("stream", publish.stream);
  describe_records(writer, publish.records);
}

void describe_value(json::Writer& writer, const wire::PublishAck& ack) {
  writer.member("status", std::string_view(ack.ok ? "ok" : "error"));
  writer.member("request_id", ack.request_id.value);
  writer.member("message", ack.message);
  if (ack.info) {
    writer.member("code", ack.info->code);
    writer.member("retry", wire::retry_name(ack.info->retry));
    if (!ack.info->reason.empty()) writer.member("reason", ack.info->reason);
    if (ack.info->retry_after_ms) writer.member("retry_after_ms", *ack.info->retry_after_ms);
  }
  if (ack.owner) {
    writer.key("owner");
    writer.begin_object();
    writer.member("node_id", ack.owner->node_id);
    writer.member("addr", ack.owner->addr);
    writer.member("generation", ack.owner->generation);
    writer.end_object();
  }
  if (ack.offset) writer.member("offset", *ack.offset);
}

void describe_value(json::Writer& writer, const wire::EventBatch& batch) {
  if (batch.subscription_id) writer.member("subscription_id", batch.subscription_id->value);
  if (batch.base_offset) writer.member("base_offset", *batch.base_offset);
  if (batch.skipped_before) writer.member("skipped_before", *batch.skipped_before);
  if (batch.publisher) writer.member("publisher", *batch.publisher);
  if (batch.has_timestamps) {
    writer.key("timestamps_us");
    writer.begin_array();
    for (const std::uint64_t time : batch.timestamps_us) writer.u64(time);
    writer.end_array();
  }
  describe_records(writer, batch.records);
}

void describe_value(json::Writer& writer, const wire::CacheRequest& request) {
  constexpr std::string_view kVerbs[] = {"get", "put", "delete"};
  writer.member("operation", kVerbs[static_cast<std::size_t>(request.verb) - 1]);
  writer.member("request_id", request.request_id.value);
  if (request.ttl_ms) writer.member("ttl_ms", *request.ttl_ms);
  writer.member("namespace", request.namespace_id);
  writer.member("cache", request.cache);
  writer.member("key", request.key);
  if (request.verb == wire::CacheVerb::put) writer.member("value_hex", encode_hex(request.value.bytes()));
}

void describe_value(json::Writer& writer, const wire::CacheAnswer& answer) {
  constexpr std::string_view kVerdicts[] = {"done", "value", "absent", "refused"};
  writer.member("verdict", kVerdicts[static_cast<std::size_t>(answer.verdict) - 1]);
  writer.member("request_id", answer.request_id.value);
  if (answer.version) writer.member("version", *answer.version);
  if (answer.verdict == wire::CacheVerdict::value)
    writer.member("value_hex", encode_hex(answer.value.bytes()));
  if (!answer.info) return;
  writer.member("code", answer.info->code);
  writer.member("retry", wire::retry_name(answer.info->retry));
  writer.member("message", answer.message);
  if (!answer.info->reason.empty()) writer.member("reason", answer.info->reason);
  if (answer.info->retry_after_ms) writer.member("retry_after_ms", *answer.info->retry_after_ms);
}

void append_bytes(std::vector<std::byte>& out, Bytes bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace

std::vector<std::byte> encode_again(const Verdict& verdict) {
  std::vector<std::byte> out;
  if (const auto* request = std::get_if<wire::ClientMessage>(&verdict.value)) append_message(out, *request);
  if (const auto* answer = std::get_if<wire::ServerMessage>(&verdict.value)) append_message(out, *answer);
  if (const auto* ack = std::get_if<wire::PublishAck>(&verdict.value))
    wire::append_publish_ack(out, *ack, wire::kKnownFlagsT2);
  if (const auto* batch = std::get_if<wire::EventBatch>(&verdict.value))
    wire::append_event_batch(out, *batch);
  if (const auto* publish = std::get_if<wire::BinaryPublish>(&verdict.value)) {
    // What was decoded from one frame fits one.
    FELIX_ASSERT(wire::append_publish_head(out, *publish).has_value());
    append_bytes(out, publish->records.slice().bytes());
  }
  if (const auto* ask = std::get_if<wire::CacheRequest>(&verdict.value)) {
    FELIX_ASSERT(wire::append_cache_request_head(out, *ask).has_value());
    append_bytes(out, ask->value.bytes());
  }
  if (const auto* answer = std::get_if<wire::CacheAnswer>(&verdict.value)) {
    if (answer->verdict == wire::CacheVerdict::refused) {
      wire::append_cache_refusal(out, answer->request_id, answer->message, *answer->info);
    } else {
      append_bytes(out, wire::cache_answer_head(*answer).bytes());
      append_bytes(out, answer->value.bytes());
    }
  }
  return out;
}

std::string describe(const Verdict& verdict) {
  std::string out;
  std::visit(
      [&out](const auto& value) {
        if constexpr (requires(json::Writer& w) { describe_value(w, value); }) {
          json::Writer writer(out);
          writer.begin_object();
          describe_value(writer, value);
          writer.end_object();
        }
      },
      verdict.value);
  return out;
}

}  // namespace felix::conformance
