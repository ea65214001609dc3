#include "authz/action.h"

#include <algorithm>
#include <array>

namespace felix::authz {
namespace {

constexpr std::array<std::string_view, kActionCount> kNames{
    "rbac.view",     "rbac.policy.manage", "rbac.assignment.manage", "tenant.manage",    "ns.manage",
    "stream.manage", "cache.manage",       "stream.publish",         "stream.subscribe", "cache.read",
    "cache.write",   "group.consume",      "group.manage",           "node.view",        "node.manage"};
static_assert(!kNames.back().empty());

}  // namespace

std::string_view to_string(Action action) { return kNames[static_cast<std::size_t>(action)]; }

std::optional<Action> find_action(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Action>(found - kNames.begin());
}

}  // namespace felix::authz
