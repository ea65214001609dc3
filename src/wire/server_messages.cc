// Answers and events: broker to client.

#include "json/reader.h"
#include "wire/catalogue.h"
#include "wire/frame_writer.h"
#include "wire/json_codec.h"
#include "wire/json_members.h"

namespace felix::wire {
namespace {

std::optional<std::vector<std::uint16_t>> read_ports(Members& members) {
  const json::Value* list = members.find("listener_ports");
  if (list == nullptr) return std::nullopt;
  std::vector<std::uint16_t> ports;
  if (!list->is_array()) members.refuse("listener_ports", "is not an array");
  for (const json::Value& value : list->elements()) {
    const auto port = value.to_u64();
    if (!port || *port > UINT16_MAX) {
      members.refuse("listener_ports", "holds something that is not a port");
      break;
    }
    ports.push_back(static_cast<std::uint16_t>(*port));
  }
  return ports;
}

AuthOk read_auth_ok(Members& members) {
  AuthOk ok;
  ok.server_flags = members.uint<std::uint16_t>("server_flags");
  ok.server_features = members.optional_uint<std::uint32_t>("server_features");
  ok.server_features_hi = members.optional_uint<std::uint32_t>("server_features_hi");
  ok.listener_ports = read_ports(members);
  ok.publish_window = members.optional_uint<std::uint32_t>("publish_window");
  return ok;
}

ErrorMessage read_error(Members& members) { return {members.text("message"), members.optional_error_info()}; }

Unsupported read_unsupported(Members& members) {
  return {members.text("request_type"), members.optional_text("extension"),
          members.optional_id<RequestId>("request_id")};
}

PublishOk read_publish_ok(Members& members) {
  return {RequestId(members.u64("request_id")), members.optional_uint<Offset>("offset")};
}

PublishError read_publish_error(Members& members) {
  return {RequestId(members.u64("request_id")), members.text("message"), members.optional_error_info()};
}

Subscribed read_subscribed(Members& members) {
  return {SubscriptionId(members.u64("subscription_id")), members.optional_uint<Offset>("start_offset"),
          members.optional_uint<Offset>("live_offset"),
          members.optional_uint<std::uint32_t>("queue_capacity")};
}

SubscribeCursorError read_cursor_error(Members& members) {
  SubscribeCursorError error;
  const std::string reason = members.text("reason");
  if (reason == "in_future")
    error.reason = SubscribeCursorError::Reason::in_future;
  else if (reason != "too_old")
    members.refuse("reason", "is not too_old or in_future");
  error.requested = members.u64("requested");
  error.available = members.u64("available");
  return error;
}

Event read_event(Members& members, bool batch) {
  Event event;
  event.batch = batch;
  event.tenant_id = members.text("tenant_id");
  event.namespace_id = members.text("namespace");
  event.stream = members.text("stream");
  event.records = batch ? members.records("payloads") : members.record("payload");
  event.offset = members.optional_uint<Offset>(batch ? "base_offset" : "offset");
  return event;
}

// `value` must be there; null is a miss.
CacheValue read_cache_value(const json::Value& object, Members& members) {
  CacheValue answer;
  answer.tenant_id = members.text("tenant_id");
  answer.namespace_id = members.text("namespace");
  answer.cache = members.text("cache");
  answer.key = members.text("key");
  const json::Value* value = object.find("value");
  if (value == nullptr)
    members.refuse("value", "is missing");
  else if (!value->is_null())
    answer.value = members.decode("value", *value);
  answer.request_id = members.optional_id<RequestId>("request_id");
  answer.version = members.optional_uint<std::uint64_t>("version");
  return answer;
}

ServerMessage read(const TypedObject& message, Members& members) {
  const std::string_view type = message.type;
  if (type == "publish_ok") return read_publish_ok(members);
  if (type == "cache_value") return read_cache_value(message.object, members);
  if (type == "cache_ok") return CacheOk{RequestId(members.u64("request_id"))};
  if (type == "ok") return Ok{};
  if (type == "error") return read_error(members);
  if (type == "auth_ok") return read_auth_ok(members);
  if (type == "publish_error") return read_publish_error(members);
  if (type == "subscribed") return read_subscribed(members);
  if (type == "subscribe_cursor_error") return read_cursor_error(members);
  if (type == "event_stream_hello") return EventStreamHello{SubscriptionId(members.u64("subscription_id"))};
  if (type == "event") return read_event(members, false);
  if (type == "event_batch") return read_event(members, true);
  if (type == "subscription_lagged")
    return SubscriptionLagged{SubscriptionId(members.u64("subscription_id")), members.u64("resume_from")};
  if (type == "unsupported") return read_unsupported(members);
  return unknown_message(message, is_known_answer(type));
}

}  // namespace

Result<ServerMessage> parse_server_message(Bytes payload, json::Reader& reader) {
  FELIX_TRY(const TypedObject object, parse_object(payload, reader));
  Members members(object.object);
  ServerMessage message = read(object, members);
  if (!members.status()) return std::unexpected(members.status().error());
  return message;
}

void append_frame(std::vector<std::byte>& out, const AuthOk& message) {
  FrameWriter frame(out, "auth_ok");
  frame.json.member("server_flags", message.server_flags);
  frame.optional("server_features", message.server_features);
  frame.optional("server_features_hi", message.server_features_hi);
  if (message.listener_ports) {
    frame.json.key("listener_ports");
    frame.json.begin_array();
    for (const std::uint16_t port : *message.listener_ports) frame.json.u64(port);
    frame.json.end_array();
  }
  frame.optional("publish_window", message.publish_window);
}

void append_frame(std::vector<std::byte>& out, const Ok&) { FrameWriter frame(out, "ok"); }

void append_frame(std::vector<std::byte>& out, const ErrorMessage& message) {
  FrameWriter frame(out, "error");
  frame.json.member("message", message.message);
  frame.optional(message.info);
}

void append_frame(std::vector<std::byte>& out, const Unsupported& message) {
  FrameWriter frame(out, "unsupported");
  frame.json.member("request_type", message.request_type);
  frame.optional("extension", message.extension);
  frame.optional("request_id", message.request_id);
}

void append_frame(std::vector<std::byte>& out, const PublishOk& message) {
  FrameWriter frame(out, "publish_ok");
  frame.json.member("request_id", message.request_id.value);
  frame.optional("offset", message.offset);
}

void append_frame(std::vector<std::byte>& out, const PublishError& message) {
  FrameWriter frame(out, "publish_error");
  frame.json.member("request_id", message.request_id.value);
  frame.json.member("message", message.message);
  frame.optional(message.info);
}

void append_frame(std::vector<std::byte>& out, const Subscribed& message) {
  FrameWriter frame(out, "subscribed");
  frame.json.member("subscription_id", message.subscription_id.value);
  frame.optional("start_offset", message.start_offset);
  frame.optional("live_offset", message.live_offset);
  frame.optional("queue_capacity", message.queue_capacity);
}

void append_frame(std::vector<std::byte>& out, const SubscribeCursorError& message) {
  FrameWriter frame(out, "subscribe_cursor_error");
  const bool too_old = message.reason == SubscribeCursorError::Reason::too_old;
  frame.json.member("reason", std::string_view(too_old ? "too_old" : "in_future"));
  frame.json.member("requested", message.requested);
  frame.json.member("available", message.available);
}

void append_frame(std::vector<std::byte>& out, const EventStreamHello& message) {
  FrameWriter frame(out, "event_stream_hello");
  frame.json.member("subscription_id", message.subscription_id.value);
}

void append_frame(std::vector<std::byte>& out, const Event& message) {
  FrameWriter frame(out, message.batch ? "event_batch" : "event");
  frame.json.member("tenant_id", message.tenant_id);
  frame.json.member("namespace", message.namespace_id);
  frame.json.member("stream", message.stream);
  if (message.batch) {
    frame.json.key("payloads");
    frame.json.begin_array();
    for (const Bytes record : message.records) frame.json.base64(record);
    frame.json.end_array();
  } else {
    frame.json.member_base64("payload", message.records.front());
  }
  frame.optional(message.batch ? "base_offset" : "offset", message.offset);
}

void append_frame(std::vector<std::byte>& out, const SubscriptionLagged& message) {
  FrameWriter frame(out, "subscription_lagged");
  frame.json.member("subscription_id", message.subscription_id.value);
  frame.json.member("resume_from", message.resume_from);
}

void append_frame(std::vector<std::byte>& out, const CacheValue& message) {
  FrameWriter frame(out, "cache_value");
  frame.json.member("tenant_id", message.tenant_id);
  frame.json.member("namespace", message.namespace_id);
  frame.json.member("cache", message.cache);
  frame.json.member("key", message.key);
  if (message.value)
    frame.json.member_base64("value", message.value->bytes());
  else
    frame.json.member_null("value");
  frame.optional("request_id", message.request_id);
  frame.optional("version", message.version);
}

void append_frame(std::vector<std::byte>& out, const CacheOk& message) {
  FrameWriter frame(out, "cache_ok");
  frame.json.member("request_id", message.request_id.value);
}

}  // namespace felix::wire
