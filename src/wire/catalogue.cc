#include "wire/catalogue.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace felix::wire {
namespace {

constexpr std::array<std::string_view, 37> kRequests{"auth",
                                                     "extension",
                                                     "publish",
                                                     "publish_batch",
                                                     "producer_init",
                                                     "publish_idempotent",
                                                     "publish_if",
                                                     "commit",
                                                     "state_get",
                                                     "subscribe",
                                                     "stream_read",
                                                     "offset_for_time",
                                                     "cache_put",
                                                     "cache_get",
                                                     "cache_delete",
                                                     "cache_put_if",
                                                     "cache_delete_if",
                                                     "cache_watch",
                                                     "counter_add",
                                                     "counter_get",
                                                     "group_poll",
                                                     "group_ack",
                                                     "group_nack",
                                                     "group_dead_letters",
                                                     "group_discard",
                                                     "group_redrive",
                                                     "group_dead_letter",
                                                     "group_extend",
                                                     "group_seek",
                                                     "group_describe",
                                                     "group_delete",
                                                     "topology",
                                                     "stream_shards",
                                                     "cache_shards",
                                                     "shard_owners",
                                                     "shard_inspect",
                                                     "subscriptions_list"};

constexpr std::array<std::string_view, 40> kAnswers{"auth_ok",
                                                    "ok",
                                                    "error",
                                                    "unsupported",
                                                    "extension",
                                                    "publish_ok",
                                                    "publish_error",
                                                    "producer_init_ok",
                                                    "publish_refused",
                                                    "commit_ok",
                                                    "state_value",
                                                    "subscribed",
                                                    "subscribe_cursor_error",
                                                    "event_stream_hello",
                                                    "event",
                                                    "event_batch",
                                                    "shard_moved",
                                                    "subscription_lagged",
                                                    "stream_records",
                                                    "offset_value",
                                                    "cache_value",
                                                    "cache_ok",
                                                    "cache_condition_result",
                                                    "cache_watch_started",
                                                    "cache_event",
                                                    "cache_watch_lagged",
                                                    "counter_value",
                                                    "group_records",
                                                    "group_dead_letter_list",
                                                    "group_extended",
                                                    "group_position",
                                                    "group_info",
                                                    "group_deleted",
                                                    "topology_view",
                                                    "not_leader",
                                                    "stream_shards_view",
                                                    "cache_shards_view",
                                                    "shard_owners_view",
                                                    "shard_inspect_info",
                                                    "subscriptions_list_info"};

}  // namespace

bool is_known_request(std::string_view type) { return std::ranges::find(kRequests, type) != kRequests.end(); }

bool is_known_answer(std::string_view type) { return std::ranges::find(kAnswers, type) != kAnswers.end(); }

Result<TypedObject> parse_object(Bytes payload, json::Reader& reader) {
  auto root = reader.parse(as_text(payload));
  if (!root) return std::unexpected(with_context("message", std::move(root).error()));
  const json::Value& object = **root;
  if (!object.is_object()) return fail(Errc::malformed, "message: not a JSON object");
  const json::Value* type = object.find("type");
  if (type == nullptr || !type->is_string()) return fail(Errc::malformed, "message: no `type`");
  return TypedObject{object, type->as_string()};
}

UnknownMessage unknown_message(const TypedObject& message, bool known) {
  UnknownMessage unknown{std::string(message.type), known, {}, {}};
  if (const json::Value* id = message.object.find("request_id"); id != nullptr) {
    if (const auto number = id->to_u64()) unknown.request_id = RequestId(*number);
  }
  if (message.type == "extension") {
    const json::Value* name = message.object.find("name");
    if (name != nullptr && name->is_string()) unknown.extension = std::string(name->as_string());
  }
  return unknown;
}

}  // namespace felix::wire
