#pragma once
// Cache requests as RequestLane wants them (wire protocol sections 6.2 and 8.3, and their binary encoding).

#include <optional>
#include <string>
#include <variant>

#include "base/error.h"
#include "client/cache_client.h"
#include "client/request_lane.h"

namespace felix::client {

struct CacheRequest {
  struct Get {};
  struct Put {
    flow::Slice value;
    std::optional<std::uint64_t> ttl_ms;
  };
  struct Remove {};

  CacheKey key;
  std::variant<Get, Put, Remove> operation;
};

struct CacheTraits {
  using Request = CacheRequest;
  using Outcome = CacheEntry;  // empty for a put or removal done
  static constexpr bool kPublishes = false;

  std::string tenant;
  std::string namespace_id;  // for keys that name none

  const std::string& namespace_of(const CacheKey& key) const {
    return key.namespace_id.empty() ? namespace_id : key.namespace_id;
  }
  static bool answered(const CacheRequest&) { return true; }
  // Binary where it was agreed upon, else JSON. usage: a name or key that is not UTF-8; unsupported: removal,
  // when the broker does not serve it.
  Result<EncodedRequest> encode(const CacheRequest& request, RequestId id, const Agreement& agreement) const;
  static Result<Answer<CacheEntry>> parse(const wire::IncomingFrame& frame);
};

// Size on the wire, near enough for budgets.
std::size_t footprint_bytes(const CacheRequest& request);

}  // namespace felix::client
