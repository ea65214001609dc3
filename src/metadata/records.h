#pragma once
// What the cluster remembers about each named thing. Plain values.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "base/durability.h"
#include "base/error.h"

namespace felix::metadata {

inline constexpr std::uint32_t kMaxShards = 1024;

enum class StreamKind : std::uint8_t { stream, queue, cache };
enum class Consistency : std::uint8_t { leader, quorum };
enum class Delivery : std::uint8_t { at_most_once, at_least_once };
// How a key finds its shard (wire protocol section 7.5).
enum class Routing : std::uint8_t { modulo, jump_hash };

// Absent = no bound of that sort.
struct Retention {
  std::optional<std::uint64_t> max_age_seconds{};
  std::optional<std::uint64_t> max_size_bytes{};

  bool operator==(const Retention&) const = default;
};

struct StreamProperties {
  StreamKind kind = StreamKind::stream;
  std::uint32_t shards = 1;  // 1..kMaxShards
  Durability durability = Durability::memory;
  Retention retention{};
  Consistency consistency = Consistency::leader;
  Delivery delivery = Delivery::at_most_once;
  Routing routing = Routing::modulo;
  std::string region{};  // empty: any

  bool operator==(const StreamProperties&) const = default;
};

struct CacheProperties {
  std::string display_name{};
  std::uint32_t shards = 1;
  std::uint64_t default_ttl_ms = 0;  // 0 = entries stay
  Consistency consistency = Consistency::leader;
  std::string region{};

  bool operator==(const CacheProperties&) const = default;
};

// Errc::invalid_request names the property that is out of range.
Status check_properties(const StreamProperties& properties);
Status check_properties(const CacheProperties& properties);

struct TenantRecord {
  std::string tenant{};
  std::string display_name{};

  bool operator==(const TenantRecord&) const = default;
};

struct NamespaceRecord {
  std::string tenant{};
  std::string ns{};
  std::string display_name{};

  bool operator==(const NamespaceRecord&) const = default;
};

// An incarnation is unique for ever: a name deleted and created again gets another, so that nothing that
// referred to the first can reach the second.
struct StreamRecord {
  std::string tenant{};
  std::string ns{};
  std::string name{};
  std::uint64_t incarnation = 0;
  StreamProperties properties{};

  bool operator==(const StreamRecord&) const = default;
};

struct CacheRecord {
  std::string tenant{};
  std::string ns{};
  std::string name{};
  std::uint64_t incarnation = 0;
  CacheProperties properties{};

  bool operator==(const CacheRecord&) const = default;
};

}  // namespace felix::metadata
