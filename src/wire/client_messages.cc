// Requests: client to broker.

#include "json/reader.h"
#include "wire/catalogue.h"
#include "wire/frame_writer.h"
#include "wire/json_codec.h"
#include "wire/json_members.h"

namespace felix::wire {
namespace {

Auth read_auth(Members& members) {
  Auth auth;
  auth.tenant_id = members.text("tenant_id");
  auth.token = members.text("token");
  auth.client_flags = members.optional_uint<std::uint16_t>("client_flags");
  auth.client_features = members.optional_uint<std::uint32_t>("client_features");
  auth.client_features_hi = members.optional_uint<std::uint32_t>("client_features_hi");
  return auth;
}

std::optional<AckMode> read_ack(Members& members) {
  const json::Value* value = members.find("ack");
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) {
    if (value->as_string() == "none") return AckMode::none;
    if (value->as_string() == "per_message") return AckMode::per_message;
    if (value->as_string() == "per_batch") return AckMode::per_batch;
  }
  members.refuse("ack", "is not an ack mode");
  return std::nullopt;
}

Publish read_publish(Members& members, bool batch) {
  Publish publish;
  publish.batch = batch;
  publish.tenant_id = members.text("tenant_id");
  publish.namespace_id = members.text("namespace");
  publish.stream = members.text("stream");
  publish.records = batch ? members.records("payloads") : members.record("payload");
  publish.key = members.optional_key("key");
  publish.request_id = members.optional_id<RequestId>("request_id");
  publish.ack = read_ack(members);
  return publish;
}

std::optional<Start> read_start(Members& members) {
  const json::Value* value = members.find("start");
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) {
    if (value->as_string() == "latest") return Start::latest();
    if (value->as_string() == "earliest") return Start::earliest();
  } else if (value->is_object() && value->size() == 1) {
    const json::Value* offset = value->find("offset");
    if (const auto number = offset == nullptr ? std::nullopt : offset->to_u64()) return Start::from(*number);
  }
  members.refuse("start", "is not latest, earliest or an offset");
  return std::nullopt;
}

Subscribe read_subscribe(Members& members) {
  Subscribe subscribe;
  subscribe.tenant_id = members.text("tenant_id");
  subscribe.namespace_id = members.text("namespace");
  subscribe.stream = members.text("stream");
  subscribe.subscription_id = members.optional_id<SubscriptionId>("subscription_id");
  subscribe.start = read_start(members);
  subscribe.shard = members.optional_uint<std::uint32_t>("shard");
  subscribe.queue_capacity = members.optional_uint<std::uint32_t>("queue_capacity");
  return subscribe;
}

template <class Request>
Request read_cache_request(Members& members) {
  Request request;
  request.tenant_id = members.text("tenant_id");
  request.namespace_id = members.text("namespace");
  request.cache = members.text("cache");
  request.key = members.text("key");
  request.request_id = members.optional_id<RequestId>("request_id");
  return request;
}

CachePut read_cache_put(Members& members) {
  auto put = read_cache_request<CachePut>(members);
  put.value = members.bytes("value");
  put.ttl_ms = members.optional_uint<std::uint64_t>("ttl_ms");
  return put;
}

ClientMessage read(const TypedObject& message, Members& members) {
  const std::string_view type = message.type;
  if (type == "cache_get") return read_cache_request<CacheGet>(members);
  if (type == "cache_put") return read_cache_put(members);
  if (type == "publish") return read_publish(members, false);
  if (type == "publish_batch") return read_publish(members, true);
  if (type == "cache_delete") return read_cache_request<CacheDelete>(members);
  if (type == "auth") return read_auth(members);
  if (type == "subscribe") return read_subscribe(members);
  return unknown_message(message, is_known_request(type));
}

std::string_view ack_name(AckMode ack) {
  switch (ack) {
    case AckMode::none:
      return "none";
    case AckMode::per_message:
      return "per_message";
    case AckMode::per_batch:
      return "per_batch";
  }
  FELIX_UNREACHABLE("ack mode");
}

template <class Message>
void put_cache_scope(FrameWriter& frame, const Message& message) {
  frame.json.member("tenant_id", message.tenant_id);
  frame.json.member("namespace", message.namespace_id);
  frame.json.member("cache", message.cache);
  frame.json.member("key", message.key);
}

void put_start(FrameWriter& frame, const std::optional<Start>& start) {
  if (!start) return;
  frame.json.key("start");
  switch (start->at) {
    case Start::At::latest:
      frame.json.string("latest");
      break;
    case Start::At::earliest:
      frame.json.string("earliest");
      break;
    case Start::At::offset:
      frame.json.begin_object();
      frame.json.member("offset", start->offset);
      frame.json.end_object();
  }
}

}  // namespace

Result<ClientMessage> parse_client_message(Bytes payload, json::Reader& reader) {
  FELIX_TRY(const TypedObject object, parse_object(payload, reader));
  Members members(object.object);
  ClientMessage message = read(object, members);
  if (!members.status()) return std::unexpected(members.status().error());
  return message;
}

void append_frame(std::vector<std::byte>& out, const Auth& message) {
  FrameWriter frame(out, "auth");
  frame.json.member("tenant_id", message.tenant_id);
  frame.json.member("token", message.token);
  frame.optional("client_flags", message.client_flags);
  frame.optional("client_features", message.client_features);
  frame.optional("client_features_hi", message.client_features_hi);
}

void append_frame(std::vector<std::byte>& out, const Publish& message) {
  FrameWriter frame(out, message.batch ? "publish_batch" : "publish");
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
  if (message.key) frame.json.member_base64("key", *message.key);
  frame.optional("request_id", message.request_id);
  if (message.ack) frame.json.member("ack", ack_name(*message.ack));
}

void append_frame(std::vector<std::byte>& out, const Subscribe& message) {
  FrameWriter frame(out, "subscribe");
  frame.json.member("tenant_id", message.tenant_id);
  frame.json.member("namespace", message.namespace_id);
  frame.json.member("stream", message.stream);
  frame.optional("subscription_id", message.subscription_id);
  put_start(frame, message.start);
  frame.optional("shard", message.shard);
  frame.optional("queue_capacity", message.queue_capacity);
}

void append_frame(std::vector<std::byte>& out, const CachePut& message) {
  FrameWriter frame(out, "cache_put");
  put_cache_scope(frame, message);
  frame.json.member_base64("value", message.value.bytes());
  frame.optional("request_id", message.request_id);
  if (message.ttl_ms)
    frame.json.member("ttl_ms", *message.ttl_ms);
  else
    frame.json.member_null("ttl_ms");
}

void append_frame(std::vector<std::byte>& out, const CacheGet& message) {
  FrameWriter frame(out, "cache_get");
  put_cache_scope(frame, message);
  frame.optional("request_id", message.request_id);
}

void append_frame(std::vector<std::byte>& out, const CacheDelete& message) {
  FrameWriter frame(out, "cache_delete");
  put_cache_scope(frame, message);
  frame.optional("request_id", message.request_id);
}

}  // namespace felix::wire
