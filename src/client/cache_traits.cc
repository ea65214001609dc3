#include "client/cache_traits.h"

#include <utility>
#include <vector>

#include "base/utf8.h"
#include "client/message.h"
#include "wire/cache_codec.h"
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
  message.namespace_id = traits.namespace_of(key);
  message.cache = key.cache;
  message.key = key.key;
  message.request_id = id;
  return message;
}

// Names and keys too long for the binary encoding still fit the other one.
bool fits_binary(const CacheTraits& traits, const CacheKey& key) {
  for (const std::string* name : {&traits.namespace_id, &key.namespace_id, &key.cache, &key.key})
    if (name->size() > wire::kMaxCacheNameBytes) return false;
  return true;
}

Result<EncodedRequest> encode_binary(const CacheTraits& traits, const CacheRequest& request, RequestId id) {
  wire::CacheRequest message;
  message.request_id = id;
  message.namespace_id = traits.namespace_of(request.key);
  message.cache = request.key.cache;
  message.key = request.key.key;
  if (const auto* put = std::get_if<CacheRequest::Put>(&request.operation)) {
    message.verb = wire::CacheVerb::put;
    message.value = put->value;
    message.ttl_ms = put->ttl_ms;
  } else if (std::holds_alternative<CacheRequest::Remove>(request.operation)) {
    message.verb = wire::CacheVerb::erase;
  }
  thread_local std::vector<std::byte> head;
  head.clear();
  FELIX_CHECK(wire::append_cache_request_head(head, message));
  return EncodedRequest{flow::Slice::copy_of(head), std::move(message.value)};
}

Result<Answer<CacheEntry>> parse_binary(const wire::IncomingFrame& frame) {
  FELIX_TRY(wire::CacheAnswer answer, wire::parse_cache_answer(frame.payload));
  switch (answer.verdict) {
    case wire::CacheVerdict::value:
      return Answer<CacheEntry>{answer.request_id, CacheEntry{std::move(answer.value), answer.version}};
    case wire::CacheVerdict::done:
    case wire::CacheVerdict::absent:
      return Answer<CacheEntry>{answer.request_id, CacheEntry{std::nullopt, answer.version}};
    case wire::CacheVerdict::refused:
      return Answer<CacheEntry>{answer.request_id, std::unexpected(refusal(answer.message, answer.info))};
  }
  FELIX_UNREACHABLE("cache verdict");
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

  if (agreement.has_feature_hi(wire::kFeatureHiBinaryCache) && fits_binary(*this, key))
    return encode_binary(*this, request, id);
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
  if (frame.flags == wire::kBinaryCache) return parse_binary(frame);
  if (frame.flags != 0) return fail(Errc::malformed, "the broker sent a binary frame on a cache channel");
  FELIX_TRY(wire::ServerMessage message, parse_message(frame));
  return std::visit(MessageAnswer{}, message);
}

}  // namespace felix::client
