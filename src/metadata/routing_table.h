#pragma once
// What a broker's data path looks up: names to incarnations. Immutable; a change of metadata makes a new
// table.

#include <cstdint>
#include <memory>
#include <string_view>

#include "metadata/records.h"

namespace felix::metadata {

class State;

struct StreamRoute {
  std::uint64_t incarnation = 0;  // unique for ever: a name deleted and created again gets another
  std::uint32_t shards = 1;
  StreamKind kind = StreamKind::stream;
  Routing routing = Routing::modulo;
  Durability durability = Durability::memory;
};

struct CacheRoute {
  std::uint64_t incarnation = 0;
  std::uint32_t shards = 1;
  std::uint64_t default_ttl_ms = 0;  // 0 = entries stay
};

// Any thread.
class RoutingTable {
 public:
  static std::shared_ptr<const RoutingTable> build(const State& state);
  ~RoutingTable();

  // Grows with every change.
  std::uint64_t version() const;
  // Null when unknown. No allocation. Valid as long as the table.
  const StreamRoute* find_stream(std::string_view tenant, std::string_view ns, std::string_view stream) const;
  const CacheRoute* find_cache(std::string_view tenant, std::string_view ns, std::string_view cache) const;

 private:
  struct Tables;
  explicit RoutingTable(std::unique_ptr<const Tables> tables);
  std::unique_ptr<const Tables> tables_;
};

}  // namespace felix::metadata
