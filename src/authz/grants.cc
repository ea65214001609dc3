#include "authz/grants.h"

#include <algorithm>
#include <initializer_list>

namespace felix::authz {
namespace {

constexpr std::uint8_t bit(ObjectKind kind) {
  return static_cast<std::uint8_t>(1u << static_cast<unsigned>(kind));
}
constexpr std::uint8_t kInNamespace =
    bit(ObjectKind::stream) | bit(ObjectKind::cache) | bit(ObjectKind::group);
constexpr std::uint8_t kInTenant = kInNamespace | bit(ObjectKind::tenant) | bit(ObjectKind::ns);

constexpr std::initializer_list<Action> kOnResources{
    Action::stream_manage, Action::cache_manage, Action::stream_publish, Action::stream_subscribe,
    Action::cache_read,    Action::cache_write,  Action::group_consume,  Action::group_manage};
constexpr std::initializer_list<Action> kOnTenant{Action::rbac_view, Action::rbac_policy_manage,
                                                  Action::rbac_assignment_manage, Action::tenant_manage,
                                                  Action::ns_manage};

bool is_global(ObjectKind kind) { return kind == ObjectKind::cluster || kind == ObjectKind::node; }

}  // namespace

Result<Permission> parse_permission(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto action = find_action(text.substr(0, colon));
  if (colon == std::string_view::npos || !action)
    return fail(Errc::invalid_request, "permission '" + std::string(text) + "': no action of that name");
  FELIX_TRY(ObjectPattern object, parse_object_pattern(text.substr(colon + 1)));
  return Permission{*action, std::move(object)};
}

std::shared_ptr<const Grants> Grants::compile(std::string_view tenant,
                                              std::span<const std::string> permissions) {
  auto grants = std::make_shared<Grants>();
  grants->tenant_ = tenant;
  for (const std::string& text : permissions) {
    const auto permission = parse_permission(text);
    if (permission && (is_global(permission->object.kind) || permission->object.tenant == tenant))
      grants->add(*permission);
    else
      ++grants->ignored_;
  }
  return grants;
}

void Grants::add(const Permission& permission) {
  const ObjectPattern& object = permission.object;
  const Rule own{bit(object.kind), false, object.ns, object.name, object.group, object.key};
  add_rule(permission.action, own);

  Rule derived = own;
  derived.inherited = true;
  switch (permission.action) {
    case Action::tenant_manage:
      if (object.kind != ObjectKind::tenant) return;
      derived.kinds = kInTenant;
      for (const Action action : kOnTenant) add_rule(action, derived);
      for (const Action action : kOnResources) add_rule(action, derived);
      return;
    case Action::ns_manage:
      if (object.kind != ObjectKind::ns) return;
      derived.kinds = kInNamespace;
      for (const Action action : kOnResources) add_rule(action, derived);
      return;
    case Action::stream_subscribe:
    case Action::stream_manage:
    case Action::group_consume:
    case Action::group_manage: {
      // A stream's grant reaches its groups.
      if (object.kind != ObjectKind::stream) return;
      const bool consume =
          permission.action == Action::stream_subscribe || permission.action == Action::group_consume;
      derived.kinds = bit(ObjectKind::group);
      add_rule(consume ? Action::group_consume : Action::group_manage, derived);
      return;
    }
    case Action::node_view:
    case Action::node_manage:
      if (object.kind != ObjectKind::cluster) return;
      derived.kinds = bit(ObjectKind::node);
      add_rule(permission.action, derived);
      return;
    default:
      return;
  }
}

bool Grants::Rule::matches(const Object& object) const {
  if ((kinds & bit(object.kind)) == 0 || !ns.matches(object.ns) || !name.matches(object.name)) return false;
  if (!group.matches(object.group)) return false;
  return !key || (object.key && key->matches(*object.key));
}

bool Grants::allows(Action action, const Object& object) const {
  if (!is_global(object.kind) && object.tenant != tenant_) return false;
  const auto& rules = rules_[static_cast<std::size_t>(action)];
  // Who holds a grant on groups of this stream is confined to those groups.
  const bool confined = object.kind == ObjectKind::group && std::ranges::any_of(rules, [&](const Rule& rule) {
                          return !rule.inherited && (rule.kinds & bit(ObjectKind::group)) != 0 &&
                                 rule.ns.matches(object.ns) && rule.name.matches(object.name);
                        });
  return std::ranges::any_of(
      rules, [&](const Rule& rule) { return !(confined && rule.inherited) && rule.matches(object); });
}

Decision Grants::decide(Action action, const Object& object) const {
  if (allows(action, object)) return {true, {}};
  if (!is_global(object.kind) && object.tenant != tenant_)
    return {false, to_string(object) + " is of another tenant than the token's, " + tenant_};
  return {false, "no grant of " + std::string(to_string(action)) + " on " + to_string(object)};
}

}  // namespace felix::authz
