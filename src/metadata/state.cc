#include "metadata/state.h"

#include <algorithm>
#include <utility>

#include "metadata/names.h"

namespace felix::metadata {
namespace {

template <class... Visitors>
struct Overload : Visitors... {
  using Visitors::operator()...;
};

NameKey key_of(const TenantRecord& record) { return {record.tenant, "", ""}; }
NameKey key_of(const NamespaceRecord& record) { return {record.tenant, record.ns, ""}; }
NameKey key_of(const StreamRecord& record) { return {record.tenant, record.ns, record.name}; }
NameKey key_of(const CacheRecord& record) { return {record.tenant, record.ns, record.name}; }

std::unexpected<Error> misfit(std::string why) { return fail(Errc::corrupt, "metadata: " + std::move(why)); }

template <class Record>
const Record* find_in(const Records<Record>& records, NameView name) {
  const auto found = records.find(name);
  return found == records.end() ? nullptr : &found->second;
}

// The first record at or after `from`, if it lies in that tenant (and namespace, unless empty).
template <class Record>
bool holds_any(const Records<Record>& records, std::string_view tenant, std::string_view ns) {
  const auto found = records.lower_bound(NameView{tenant, ns, ""});
  return found != records.end() && std::get<0>(found->first) == tenant &&
         (ns.empty() || std::get<1>(found->first) == ns);
}

template <class Record>
Status insert_into(Records<Record>& records, const Record& record) {
  if (!records.emplace(key_of(record), record).second) return misfit("a name is created twice");
  return {};
}

template <class Record>
Status erase_from(Records<Record>& records, const Record& record) {
  const auto found = records.find(key_of(record));
  if (found == records.end() || found->second != record) return misfit("what is deleted is not there");
  records.erase(found);
  return {};
}

}  // namespace

const TenantRecord* State::find_tenant(std::string_view tenant) const {
  return find_in(tenants_, {tenant, "", ""});
}
const NamespaceRecord* State::find_namespace(std::string_view tenant, std::string_view ns) const {
  return find_in(namespaces_, {tenant, ns, ""});
}
const StreamRecord* State::find_stream(std::string_view tenant, std::string_view ns,
                                       std::string_view name) const {
  return find_in(streams_, {tenant, ns, name});
}
const CacheRecord* State::find_cache(std::string_view tenant, std::string_view ns,
                                     std::string_view name) const {
  return find_in(caches_, {tenant, ns, name});
}

Status State::insert(const AnyRecord& any) {
  const auto resource = [&](auto& records, const auto& record) -> Status {
    FELIX_CHECK(check_name("resource", record.name));
    FELIX_CHECK(check_properties(record.properties));
    if (find_namespace(record.tenant, record.ns) == nullptr) return misfit("a resource has no namespace");
    if (record.incarnation == 0 || record.incarnation == UINT64_MAX)
      return misfit("a resource has no incarnation");
    FELIX_CHECK(insert_into(records, record));
    next_incarnation_ = std::max(next_incarnation_, record.incarnation + 1);
    return {};
  };
  return std::visit(Overload{[&](const TenantRecord& record) -> Status {
                               FELIX_CHECK(check_name("tenant", record.tenant));
                               return insert_into(tenants_, record);
                             },
                             [&](const NamespaceRecord& record) -> Status {
                               FELIX_CHECK(check_name("namespace", record.ns));
                               if (find_tenant(record.tenant) == nullptr)
                                 return misfit("a namespace has no tenant");
                               return insert_into(namespaces_, record);
                             },
                             [&](const StreamRecord& record) -> Status { return resource(streams_, record); },
                             [&](const CacheRecord& record) -> Status { return resource(caches_, record); }},
                    any);
}

Status State::erase(const AnyRecord& any) {
  return std::visit(
      Overload{[&](const TenantRecord& record) -> Status {
                 if (holds_any(namespaces_, record.tenant, ""))
                   return misfit("a tenant with namespaces is deleted");
                 return erase_from(tenants_, record);
               },
               [&](const NamespaceRecord& record) -> Status {
                 if (holds_any(streams_, record.tenant, record.ns) ||
                     holds_any(caches_, record.tenant, record.ns))
                   return misfit("a namespace in use is deleted");
                 return erase_from(namespaces_, record);
               },
               [&](const StreamRecord& record) -> Status { return erase_from(streams_, record); },
               [&](const CacheRecord& record) -> Status { return erase_from(caches_, record); }},
      any);
}

Status advance(State& state, const Delta& delta) {
  if (delta.changes.empty() && delta.version == state.version_) return {};
  if (delta.version != state.version_ + 1)
    return misfit("delta " + std::to_string(delta.version) + " does not follow version " +
                  std::to_string(state.version_) + ", take a snapshot");
  State next =
      delta.changes.size() > 1 ? state : State{};  // a step of one change fails before it changes anything
  State& target = delta.changes.size() > 1 ? next : state;
  for (const Change& change : delta.changes)
    FELIX_CHECK(change.op == Change::Op::created ? target.insert(change.record)
                                                 : target.erase(change.record));
  target.version_ = delta.version;
  if (&target == &next) state = std::move(next);
  return {};
}

}  // namespace felix::metadata
