#pragma once
// What a grant can permit.

#include <cstdint>
#include <optional>
#include <string_view>

namespace felix::authz {

enum class Action : std::uint8_t {
  rbac_view,
  rbac_policy_manage,
  rbac_assignment_manage,
  tenant_manage,
  ns_manage,
  stream_manage,
  cache_manage,
  stream_publish,
  stream_subscribe,
  cache_read,
  cache_write,
  group_consume,
  group_manage,
  node_view,
  node_manage,
};
inline constexpr std::size_t kActionCount = 15;

// "stream.publish" and its like.
std::string_view to_string(Action action);
std::optional<Action> find_action(std::string_view name);

}  // namespace felix::authz
