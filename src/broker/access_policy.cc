#include "broker/access_policy.h"

#include "base/contract.h"

namespace felix::broker {

std::string_view to_string(Objection objection) {
  switch (objection) {
    case Objection::expired:
      return "token expired";
    case Objection::revoked:
      return "token revoked";
    case Objection::key_withdrawn:
      return "token key withdrawn";
  }
  FELIX_UNREACHABLE("objection");
}

std::optional<Objection> AccessPolicy::objection(const Identity& identity, WallTime now) const {
  if (revocations.covers(identity.tenant_id, identity.principal.subject(), identity.issued_at,
                         identity.token_id))
    return Objection::revoked;
  if (!tokens.has(identity.signed_by)) return Objection::key_withdrawn;
  if (now >= identity.good_until) return Objection::expired;
  return std::nullopt;
}

}  // namespace felix::broker
