#include "metadata/command.h"

#include <utility>

#include "base/contract.h"
#include "base/utf8.h"
#include "metadata/names.h"

namespace felix::metadata {
namespace {

std::string quoted(std::string_view name) { return "'" + std::string(name) + "'"; }

class Planner {
 public:
  explicit Planner(const State& state) : state_(state) {}

  Result<Delta> operator()(const CreateTenant& command) const {
    FELIX_CHECK(check_name("tenant", command.tenant));
    FELIX_CHECK(check_display_name(command.display_name));
    return created(state_.find_tenant(command.tenant), TenantRecord{command.tenant, command.display_name},
                   "tenant " + quoted(command.tenant));
  }

  Result<Delta> operator()(const DeleteTenant& command) const {
    const auto first = state_.namespaces().lower_bound(NameView{command.tenant, "", ""});
    if (first != state_.namespaces().end() && first->second.tenant == command.tenant)
      return in_use("tenant " + quoted(command.tenant), "namespace " + quoted(first->second.ns));
    return deleted(state_.find_tenant(command.tenant), "tenant " + quoted(command.tenant));
  }

  Result<Delta> operator()(const CreateNamespace& command) const {
    FELIX_CHECK(check_name("namespace", command.ns));
    FELIX_CHECK(check_display_name(command.display_name));
    if (state_.find_tenant(command.tenant) == nullptr)
      return fail(Errc::not_found, "tenant " + quoted(command.tenant));
    return created(state_.find_namespace(command.tenant, command.ns),
                   NamespaceRecord{command.tenant, command.ns, command.display_name},
                   "namespace " + quoted(command.ns));
  }

  Result<Delta> operator()(const DeleteNamespace& command) const {
    const std::string thing = "namespace " + quoted(command.ns);
    const NameView from{command.tenant, command.ns, ""};
    const auto stream = state_.streams().lower_bound(from);
    if (stream != state_.streams().end() && inside(stream->second, command))
      return in_use(thing, "stream " + quoted(stream->second.name));
    const auto cache = state_.caches().lower_bound(from);
    if (cache != state_.caches().end() && inside(cache->second, command))
      return in_use(thing, "cache " + quoted(cache->second.name));
    return deleted(state_.find_namespace(command.tenant, command.ns), thing);
  }

  Result<Delta> operator()(const CreateStream& command) const {
    return created_resource<StreamRecord>(
        "stream", state_.find_stream(command.tenant, command.ns, command.name), command);
  }
  Result<Delta> operator()(const CreateCache& command) const {
    return created_resource<CacheRecord>("cache", state_.find_cache(command.tenant, command.ns, command.name),
                                         command);
  }
  Result<Delta> operator()(const DeleteStream& command) const {
    return deleted(state_.find_stream(command.tenant, command.ns, command.name),
                   "stream " + quoted(command.name));
  }
  Result<Delta> operator()(const DeleteCache& command) const {
    return deleted(state_.find_cache(command.tenant, command.ns, command.name),
                   "cache " + quoted(command.name));
  }

 private:
  template <class Record>
  static bool inside(const Record& record, const DeleteNamespace& command) {
    return record.tenant == command.tenant && record.ns == command.ns;
  }

  static Status check_display_name(const std::string& text) {
    if (text.size() <= kMaxNameBytes && is_utf8(as_bytes(text))) return {};
    return fail(Errc::invalid_request, "display_name is not UTF-8 of at most 255 bytes");
  }

  static std::unexpected<Error> in_use(const std::string& thing, const std::string& by) {
    return fail(Errc::invalid_request, thing + " still holds " + by + ", delete that first");
  }

  Delta step(Change::Op op, AnyRecord record) const {
    return Delta{state_.version() + 1, {Change{op, std::move(record)}}};
  }

  template <class Record>
  Result<Delta> created(const Record* present, Record wanted, const std::string& thing) const {
    if (present == nullptr) return step(Change::Op::created, std::move(wanted));
    if (*present == wanted) return Delta{state_.version(), {}};
    return fail(Errc::already_exists, thing + " exists with other properties");
  }

  template <class Record, class Create>
  Result<Delta> created_resource(const std::string& kind, const Record* present,
                                 const Create& command) const {
    FELIX_CHECK(check_name(kind, command.name));
    FELIX_CHECK(check_properties(command.properties));
    if (state_.find_namespace(command.tenant, command.ns) == nullptr)
      return fail(Errc::not_found,
                  "namespace " + quoted(command.ns) + " of tenant " + quoted(command.tenant));
    const std::uint64_t incarnation = present == nullptr ? state_.next_incarnation() : present->incarnation;
    return created(present, Record{command.tenant, command.ns, command.name, incarnation, command.properties},
                   kind + " " + quoted(command.name));
  }

  template <class Record>
  Result<Delta> deleted(const Record* present, const std::string& thing) const {
    if (present == nullptr) return fail(Errc::not_found, thing);
    return step(Change::Op::deleted, *present);
  }

  const State& state_;
};

}  // namespace

Result<Delta> plan(const State& state, const Command& command) { return std::visit(Planner(state), command); }

Result<Delta> execute(State& state, const Command& command) {
  FELIX_TRY(Delta delta, plan(state, command));
  const Status advanced = advance(state, delta);
  FELIX_ASSERT(advanced.has_value());
  return delta;
}

}  // namespace felix::metadata
