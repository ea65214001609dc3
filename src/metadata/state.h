#pragma once
// All metadata of a cluster at one version. Changed only by advance(): the same deltas in the same order give
// the same state everywhere. Not for concurrent use; what other threads need is a RoutingTable.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include "base/error.h"
#include "metadata/records.h"

namespace felix::metadata {

// (tenant), (tenant, namespace) or (tenant, namespace, name); unused parts are empty.
using NameKey = std::tuple<std::string, std::string, std::string>;
using NameView = std::tuple<std::string_view, std::string_view, std::string_view>;

// Orders keys by their bytes, and finds them by views without a copy.
struct NameLess {
  using is_transparent = void;
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    return view(a) < view(b);
  }
  template <class Key>
  static NameView view(const Key& key) {
    return {std::get<0>(key), std::get<1>(key), std::get<2>(key)};
  }
};

template <class Record>
using Records = std::map<NameKey, Record, NameLess>;

using AnyRecord = std::variant<TenantRecord, NamespaceRecord, StreamRecord, CacheRecord>;

struct Change {
  enum class Op : std::uint8_t { created, deleted };
  Op op = Op::created;
  AnyRecord record;  // of a deletion: as it was

  bool operator==(const Change&) const = default;
};

// One step of the state's history.
struct Delta {
  std::uint64_t version = 0;  // of the state after it; with no changes, of the state as it is
  std::vector<Change> changes;

  bool operator==(const Delta&) const = default;
};

class State {
 public:
  // 0 is the empty state; each delta adds one.
  std::uint64_t version() const { return version_; }
  // Every incarnation given so far is below it.
  std::uint64_t next_incarnation() const { return next_incarnation_; }

  // In byte order of their names.
  const Records<TenantRecord>& tenants() const { return tenants_; }
  const Records<NamespaceRecord>& namespaces() const { return namespaces_; }
  const Records<StreamRecord>& streams() const { return streams_; }
  const Records<CacheRecord>& caches() const { return caches_; }

  const TenantRecord* find_tenant(std::string_view tenant) const;
  const NamespaceRecord* find_namespace(std::string_view tenant, std::string_view ns) const;
  const StreamRecord* find_stream(std::string_view tenant, std::string_view ns, std::string_view name) const;
  const CacheRecord* find_cache(std::string_view tenant, std::string_view ns, std::string_view name) const;

  bool operator==(const State&) const = default;

 private:
  friend Status advance(State& state, const Delta& delta);
  friend Result<State> decode_snapshot(std::string_view text);
  // Errc::corrupt when the change does not fit the state (a parent is missing, a name is taken, …).
  Status insert(const AnyRecord& record);
  Status erase(const AnyRecord& record);

  std::uint64_t version_ = 0;
  std::uint64_t next_incarnation_ = 1;
  Records<TenantRecord> tenants_;
  Records<NamespaceRecord> namespaces_;
  Records<StreamRecord> streams_;
  Records<CacheRecord> caches_;
};

// Takes the next step. A delta without changes at the present version does nothing. Errc::corrupt when it is
// not the next one (fetch a snapshot) or does not fit; the state is then unchanged.
Status advance(State& state, const Delta& delta);

}  // namespace felix::metadata
