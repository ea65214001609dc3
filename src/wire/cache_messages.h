#pragma once
// Cache requests and answers (wire protocol sections 6.2 and 8.3). A request without request_id is the last
// of its stream.

#include <cstdint>
#include <optional>
#include <string>

#include "base/ids.h"
#include "flow/frame.h"

namespace felix::wire {

struct CachePut {
  std::string tenant_id;
  std::string namespace_id;
  std::string cache;
  std::string key;
  flow::Slice value;
  std::optional<RequestId> request_id;
  std::optional<std::uint64_t> ttl_ms;  // absent: lives until overwritten or evicted; 0: expired at once
};

struct CacheGet {
  std::string tenant_id;
  std::string namespace_id;
  std::string cache;
  std::string key;
  std::optional<RequestId> request_id;

  bool operator==(const CacheGet&) const = default;
};

struct CacheDelete {
  std::string tenant_id;
  std::string namespace_id;
  std::string cache;
  std::string key;
  std::optional<RequestId> request_id;

  bool operator==(const CacheDelete&) const = default;
};

// Answer to a get; a miss has no value.
struct CacheValue {
  std::string tenant_id;
  std::string namespace_id;
  std::string cache;
  std::string key;
  std::optional<flow::Slice> value;
  std::optional<RequestId> request_id;
  std::optional<std::uint64_t> version;  // only to a client that offered kFeatureCacheConditional
};

// Answer to a put or delete that had a request_id; without one it is Ok.
struct CacheOk {
  RequestId request_id;

  bool operator==(const CacheOk&) const = default;
};

}  // namespace felix::wire
