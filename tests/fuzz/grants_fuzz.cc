// Permissions of a tenant never reach another tenant or the cluster, and more of them never allow less.
// Input: the names asked for, in a line parted by spaces (namespace, name, group, key), then one permission a
// line.

#include <algorithm>
#include <array>
#include <string>

#include "authz/action.h"
#include "authz/grants.h"
#include "fuzz/fuzz.h"

namespace {

using namespace felix;
using namespace felix::authz;

std::string_view cut(std::string_view& rest, char end) {
  const std::size_t at = std::min(rest.find(end), rest.size());
  const std::string_view part = rest.substr(0, at);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return part;
}

using Names = std::array<std::string_view, 4>;

std::vector<Object> objects_of(std::string_view tenant, const Names& names) {
  const auto& [ns, name, group, key] = names;
  return {tenant_object(tenant),
          namespace_object(tenant, ns),
          stream_object(tenant, ns, name),
          cache_object(tenant, ns, name),
          cache_object(tenant, ns, name, key),
          group_object(tenant, ns, name, group)};
}

template <class Check>
void for_each_action(Check check) {
  for (std::size_t i = 0; i < kActionCount; ++i) check(static_cast<Action>(i));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest = as_text(fuzz::input(data, size));
  std::string_view line = cut(rest, '\n');
  Names names;
  for (std::string_view& name : names) name = cut(line, ' ');

  std::vector<std::string> permissions;
  auto before = Grants::compile("t1", permissions);
  while (!rest.empty() && permissions.size() < 16) {
    permissions.emplace_back(cut(rest, '\n'));
    auto grants = Grants::compile("t1", permissions);
    FELIX_ASSERT(grants->ignored() <= permissions.size());
    for (const Object& object : objects_of("t1", names)) {
      for_each_action([&](Action action) {
        const Decision decision = grants->decide(action, object);
        FELIX_ASSERT(decision.allowed == grants->allows(action, object));
        FELIX_ASSERT(decision.allowed == decision.reason.empty());
        // A grant on a group confines to it, so the only thing that may shrink is what a stream's grant gave.
        if (object.kind != ObjectKind::group)
          FELIX_ASSERT(decision.allowed || !before->allows(action, object));
      });
    }
    for (const Object& object : objects_of("t2", names))
      for_each_action([&](Action action) { FELIX_ASSERT(!grants->allows(action, object)); });
    before = std::move(grants);
  }
  return 0;
}
