#include "broker/authenticator.h"

#include <algorithm>
#include <utility>

#include "authz/claims.h"
#include "wire/event_codec.h"

namespace felix::broker {
namespace {

// Remembered tokens of one reactor; when full, what expired is forgotten, or everything.
constexpr std::size_t kMaxKnownTokens = 4096;
// A token that lives longer is verified again; its claims may name any year.
constexpr std::chrono::seconds kMaxRemembered = std::chrono::hours(24);

}  // namespace

Result<std::shared_ptr<const Identity>> Authenticator::authenticate(std::string_view tenant_id,
                                                                    std::string_view token, WallTime now) {
  if (const auto known = known_.find(std::string(token)); known != known_.end()) {
    if (now < known->second->remembered_until && known->second->tenant_id == tenant_id) return known->second;
    if (now >= known->second->remembered_until) known_.erase(known);
  }
  FELIX_TRY(const std::string payload, verifier_->verify(token));
  FELIX_TRY(const authz::Claims claims, authz::parse_claims(payload));
  FELIX_TRY(authz::Principal principal, authz::check_claims(claims, tenant_id, unix_seconds(now)));
  const WallTime remembered_until =
      now + std::min(std::chrono::seconds(claims.expires_at + authz::kClaimLeewaySeconds - unix_seconds(now)),
                     kMaxRemembered);
  std::shared_ptr<const std::string> publisher;
  if (principal.subject().size() <= wire::kMaxPublisherBytes)
    publisher = std::make_shared<const std::string>(principal.subject());
  auto identity = std::make_shared<const Identity>(
      Identity{std::string(tenant_id), std::move(principal), remembered_until, std::move(publisher)});
  if (known_.size() >= kMaxKnownTokens) {
    std::erase_if(known_, [&](const auto& entry) { return entry.second->remembered_until <= now; });
    if (known_.size() >= kMaxKnownTokens) known_.clear();
  }
  known_.insert_or_assign(std::string(token), identity);
  return identity;
}

}  // namespace felix::broker
