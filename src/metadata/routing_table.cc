#include "metadata/routing_table.h"

#include <unordered_map>

#include "base/hash.h"
#include "metadata/state.h"

namespace felix::metadata {
namespace {

struct NameHash {
  using is_transparent = void;
  template <class Key>
  std::size_t operator()(const Key& key) const {
    const auto [tenant, ns, name] = NameLess::view(key);
    return hash64(as_bytes(name), hash64(as_bytes(ns), hash64(as_bytes(tenant))));
  }
};

struct NameEqual {
  using is_transparent = void;
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    return NameLess::view(a) == NameLess::view(b);
  }
};

template <class Route>
using Routes = std::unordered_map<NameKey, Route, NameHash, NameEqual>;

template <class Route>
const Route* find_in(const Routes<Route>& routes, std::string_view tenant, std::string_view ns,
                     std::string_view name) {
  const auto found = routes.find(NameView{tenant, ns, name});
  return found == routes.end() ? nullptr : &found->second;
}

}  // namespace

struct RoutingTable::Tables {
  std::uint64_t version = 0;
  Routes<StreamRoute> streams;
  Routes<CacheRoute> caches;
};

RoutingTable::RoutingTable(std::unique_ptr<const Tables> tables) : tables_(std::move(tables)) {}
RoutingTable::~RoutingTable() = default;

std::shared_ptr<const RoutingTable> RoutingTable::build(const State& state) {
  auto tables = std::make_unique<Tables>();
  tables->version = state.version();
  tables->streams.reserve(state.streams().size());
  for (const auto& [key, record] : state.streams())
    tables->streams.emplace(key,
                            StreamRoute{record.incarnation, record.properties.shards, record.properties.kind,
                                        record.properties.routing, record.properties.durability});
  tables->caches.reserve(state.caches().size());
  for (const auto& [key, record] : state.caches())
    tables->caches.emplace(
        key, CacheRoute{record.incarnation, record.properties.shards, record.properties.default_ttl_ms});
  return std::shared_ptr<const RoutingTable>(new RoutingTable(std::move(tables)));
}

std::uint64_t RoutingTable::version() const { return tables_->version; }

const StreamRoute* RoutingTable::find_stream(std::string_view tenant, std::string_view ns,
                                             std::string_view stream) const {
  return find_in(tables_->streams, tenant, ns, stream);
}

const CacheRoute* RoutingTable::find_cache(std::string_view tenant, std::string_view ns,
                                           std::string_view cache) const {
  return find_in(tables_->caches, tenant, ns, cache);
}

}  // namespace felix::metadata
