#include "client/cache_traits.h"

#include <utility>

#include "base/utf8.h"
#include "client/message.h"
#include "wire/flags.h"
#include "wire/json_codec.h"

namespace felix::client {

namespace {

struct MessageAnswer {
  Answer<CacheEntry> operator()(wire::CacheValue& value) const {
    if (!value.request_id) return {};
    return {value.request_id, CacheEntry{std::move(value.value), value.version}};
  }
  Answer<CacheEntry> operator()(const wire::CacheOk& ok) const { return {ok.request_id, CacheEntry{}}; }
  Answer<CacheEntry> operator()(const wire::ErrorMessage& error) const {
    return {std::nullopt, std::unexpected(refusal(error.message, error.info))};
  }
  Answer<CacheEntry> operator()(const wire::Unsupported& refused) const {
    return {refused.request_id,
            fail(Errc::unsupported, "the broker does not serve \"" + refused.request_type + "\"")};
  }
  template <class Other>
  Answer<CacheEntry> operator()(const Other&) const {
    return {};
  }
};

// Members that every cache request begins with.
template <class Message>
Message addressed(const CacheTraits& traits, const CacheKey& key, RequestId id) {
  Message message;
  message.tenant_id = traits.tenant;
  message.namespace_id = key.namespace_id.empty() ? traits.namespace_id : key.namespace_id;
  message.cache = key.cache;
  message.key = key.key;
  message.request_id = id;
  return message;
}

}  // namespace

std::size_t footprint_bytes(const CacheRequest& request) {
  const auto* put = std::get_if<CacheRequest::Put>(&request.operation);
  const std::size_t value = put == nullptr ? 0 : put->value.size();
  return 128 + request.key.cache.size() + request.key.key.size() + value / 3 * 4;
}

Result<EncodedRequest> CacheTraits::encode(const CacheRequest& request, RequestId id,
                                           const Agreement& agreement) const {
  const CacheKey& key = request.key;
  for (const std::string* name : {&tenant, &namespace_id, &key.namespace_id, &key.cache, &key.key})
    if (!is_utf8(as_bytes(*name))) return fail(Errc::usage, "names and keys of a cache must be UTF-8");

  if (const auto* put = std::get_if<CacheRequest::Put>(&request.operation)) {
    auto message = addressed<wire::CachePut>(*this, key, id);
    message.value = put->value;
    message.ttl_ms = put->ttl_ms;
    return EncodedRequest{wire::encode_frame(message), {}};
  }
  if (std::holds_alternative<CacheRequest::Get>(request.operation))
    return EncodedRequest{wire::encode_frame(addressed<wire::CacheGet>(*this, key, id)), {}};
  if (!agreement.has_feature(wire::kFeatureCacheDelete))
    return fail(Errc::unsupported, "this broker cannot delete cache entries; put with a ttl instead");
  return EncodedRequest{wire::encode_frame(addressed<wire::CacheDelete>(*this, key, id)), {}};
}

Result<Answer<CacheEntry>> CacheTraits::parse(const wire::IncomingFrame& frame) {
  if (frame.flags != 0) return fail(Errc::malformed, "the broker sent a binary frame on a cache channel");
  FELIX_TRY(wire::ServerMessage message, parse_message(frame));
  return std::visit(MessageAnswer{}, message);
}

}  // namespace felix::client
