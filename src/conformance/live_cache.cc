// cache.*: the key-value side (wire protocol section 8.3).

#include "conformance/live_context.h"
#include "conformance/live_raw.h"
#include "conformance/live_scenario.h"
#include "wire/features.h"

namespace felix::conformance {
namespace {

std::optional<std::string> text_of(const client::CacheEntry& entry) {
  if (!entry.value) return std::nullopt;
  return std::string(as_text(entry.value->bytes()));
}

Result<Finding> put_get(Context& context) {
  FELIX_TRY(client::Session * session, context.session());
  client::CacheClient cache(*session, {});
  std::string value;
  for (int i = 0; i < 256 * 20; ++i) value += static_cast<char>(i);
  FELIX_CHECK(context.put(cache, context.key("k"), "replaced"));
  FELIX_CHECK(context.put(cache, context.key("k"), value));
  FELIX_TRY(client::Session * other, context.session());
  client::CacheClient elsewhere(*other, {});
  FELIX_TRY(const client::CacheEntry got, context.get(elsewhere, context.key("k")));
  if (!got.value) return broken("a key that was put is absent");
  if (text_of(got) == "replaced") return broken("a key that was put twice still has its first value");
  if (text_of(got) != value) return broken("the value came back with other bytes");
  FELIX_CHECK(context.put(cache, context.key("empty"), ""));
  FELIX_TRY(const client::CacheEntry empty, context.get(elsewhere, context.key("empty")));
  if (text_of(empty) != "") return broken("an empty value did not come back as an empty value");
  return held();
}

Result<Finding> miss_is_absent(Context& context) {
  FELIX_TRY(client::Session * session, context.session());
  client::CacheClient cache(*session, {});
  // The first put makes the cache known where caches come into being on use.
  FELIX_CHECK(context.put(cache, context.key("other"), "x"));
  FELIX_TRY(const client::CacheEntry got, context.get(cache, context.key("never put")));
  if (got.value) return broken("a key that was never put has a value");
  return held();
}

Result<Finding> delete_returns_previous(Context& context) {
  if (!context.agreement().has_feature(wire::kFeatureCacheDelete))
    return not_applicable("the broker does not advertise cache_delete");
  FELIX_TRY(client::Session * session, context.session());
  client::CacheClient cache(*session, {});
  FELIX_CHECK(context.put(cache, context.key("k"), "v"));
  FELIX_CHECK(context.remove(cache, context.key("k")));
  FELIX_TRY(const client::CacheEntry got, context.get(cache, context.key("k")));
  if (got.value) return broken("a key is still there after its deletion was answered");
  // A delete of what is not there is no error.
  FELIX_CHECK(context.remove(cache, context.key("k")));
  return held();
}

Result<Finding> ttl_expires(Context& context) {
  constexpr auto kTtl = std::chrono::milliseconds(300);
  FELIX_TRY(client::Session * session, context.session());
  client::CacheClient cache(*session, {});
  FELIX_CHECK(context.put(cache, context.key("stays"), "v", 1));
  FELIX_CHECK(context.put(cache, context.key("stays"), "v"));
  const MonoTime before_put = context.now();
  FELIX_CHECK(context.put(cache, context.key("goes"), "v", kTtl.count()));
  for (;;) {
    FELIX_TRY(const client::CacheEntry got, context.get(cache, context.key("goes")));
    if (!got.value) break;
    if (Status waited = context.pause(std::chrono::milliseconds(20)); !waited) {
      if (waited.error().code == Errc::interrupted) return std::unexpected(std::move(waited).error());
      return broken("a key with a life of 300 ms was there until the time was up");
    }
  }
  // The broker cannot have begun to count before we asked.
  if (context.now() - before_put < kTtl) return broken("a key was gone before its time");
  FELIX_TRY(const client::CacheEntry kept, context.get(cache, context.key("stays")));
  if (!kept.value) return broken("a put without a life did not clear the one set before");
  return held();
}

Result<Finding> binary_is_json(Context& context) {
  if (!context.agreement().has_feature_hi(wire::kFeatureHiBinaryCache))
    return not_applicable("the broker does not advertise binary cache");
  FELIX_TRY(const auto connection, RawConnection::open(context));
  FELIX_TRY(RawChannel* const without, connection->bidi());
  FELIX_TRY(const wire::ServerMessage answer,
            without->authenticate(context.connect().client_flags, context.connect().client_features));
  const auto* ok = std::get_if<wire::AuthOk>(&answer);
  if (ok == nullptr || ok->server_features_hi)
    return broken("a client that did not offer binary cache was not answered as before there was one");
  client::ConnectOptions json = context.connect();
  json.client_features_hi = 0;
  FELIX_TRY(client::Session * binary_session, context.session());
  FELIX_TRY(client::Session * json_session, context.session(json));
  client::CacheClient in_binary(*binary_session, {});
  client::CacheClient in_json(*json_session, {});
  const std::string value = std::string("\0\xff\"", 3) + std::string(5000, 'v');
  FELIX_CHECK(context.put(in_binary, context.key("b"), value));
  FELIX_CHECK(context.put(in_json, context.key("j"), value));
  for (const std::string_view key : {"b", "j"}) {
    for (client::CacheClient* cache : {&in_binary, &in_json}) {
      FELIX_TRY(const client::CacheEntry got, context.get(*cache, context.key(key)));
      if (text_of(got) != value)
        return broken("a value put in one encoding is not the one read in the other");
    }
  }
  FELIX_CHECK(context.remove(in_binary, context.key("j")));
  FELIX_TRY(const client::CacheEntry gone, context.get(in_json, context.key("j")));
  FELIX_TRY(const client::CacheEntry gone_here, context.get(in_binary, context.key("j")));
  if (gone.value || gone_here.value) return broken("a key deleted in binary is still there");
  return held();
}

constexpr Scenario kScenarios[] = {
    {.id = "cache.put_get",
     .sentence = "A value put on one connection is read on another, and the latest put wins",
     .run = put_get,
     .uses_cache = true},
    {.id = "cache.miss_is_absent",
     .sentence = "A key that was never put is answered without a value",
     .run = miss_is_absent,
     .uses_cache = true},
    {.id = "cache.delete_returns_previous",
     .sentence = "A deleted key is absent (the answer to a delete carries no previous value on the wire)",
     .run = delete_returns_previous,
     .uses_cache = true},
    {.id = "cache.ttl_expires",
     .sentence = "A key put with a life is there for that long and absent afterwards",
     .run = ttl_expires,
     .uses_cache = true},
    {.id = "cache.binary_is_json",
     .sentence = "Binary cache frames, where they are agreed upon, reach the same entries as JSON",
     .run = binary_is_json,
     .uses_cache = true},
};

}  // namespace

std::span<const Scenario> cache_scenarios() { return kScenarios; }

}  // namespace felix::conformance
