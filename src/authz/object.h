#pragma once
// What an action is done to, and the patterns that name many such things at once.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace felix::authz {

enum class ObjectKind : std::uint8_t { tenant, ns, stream, cache, group, cluster, node };

// "tenant", "namespace", "stream", "cache", "group", "cluster" or "node".
std::string_view to_string(ObjectKind kind);

// One thing. Views: they live as long as what they were made from. Build it with the functions below.
struct Object {
  ObjectKind kind = ObjectKind::tenant;
  std::string_view tenant;  // empty for cluster and node
  std::string_view ns;
  std::string_view name;                // stream, cache (of a group: its stream) or node
  std::string_view group;               // groups only
  std::optional<std::string_view> key;  // one key of a cache; absent: the whole cache
};

Object tenant_object(std::string_view tenant);
Object namespace_object(std::string_view tenant, std::string_view ns);
Object stream_object(std::string_view tenant, std::string_view ns, std::string_view stream);
Object cache_object(std::string_view tenant, std::string_view ns, std::string_view cache,
                    std::optional<std::string_view> key = std::nullopt);
Object group_object(std::string_view tenant, std::string_view ns, std::string_view stream,
                    std::string_view group);
Object node_object(std::string_view id);
Object cluster_object();

// "stream:t1/default/orders", for messages; a key is not shown.
std::string to_string(const Object& object);

// One segment of a pattern: a name, any name, or (keys only) whatever begins with a prefix.
struct Segment {
  enum class Match : std::uint8_t { exactly, prefix, any };
  Match match = Match::any;
  std::string text;

  bool matches(std::string_view value) const;
  bool operator==(const Segment&) const = default;
};

// tenant:{t} · namespace:{t}/{ns} · stream:{t}/{ns}/{s} · cache:{t}/{ns}/{c}[/{key}] · group:{t}/{ns}/{s}/{g}
// · cluster:* · node:{id}. After the tenant a segment may be `*` if all after it are `*` or absent: any
// bytes. The key of a cache may end in `*`: every key with that prefix.
struct ObjectPattern {
  ObjectKind kind = ObjectKind::tenant;
  std::string tenant;  // never a wildcard
  Segment ns;
  Segment name;
  Segment group;
  std::optional<Segment> key;  // absent: the whole cache and each of its keys

  bool operator==(const ObjectPattern&) const = default;
};

// Errc::invalid_request says which part cannot be granted.
Result<ObjectPattern> parse_object_pattern(std::string_view text);

}  // namespace felix::authz
