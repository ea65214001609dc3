#pragma once
// Who may be here: the keys tokens are verified with, and who was revoked. A reload makes a new policy with a
// higher version; what stands is judged again by it, so nobody stays whom it would not let in.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "authz/principal.h"
#include "authz/revocations.h"
#include "base/time.h"
#include "crypto/token.h"

namespace felix::broker {

// Who a token spoke for, and what it stands on. Immutable.
struct Identity {
  std::string tenant_id;
  authz::Principal principal;
  std::string token_id;  // empty when it has none
  std::int64_t issued_at = 0;
  // From here on the token would be refused for its age.
  WallTime good_until;
  crypto::Ed25519PublicKey signed_by;
  // The principal's name as readers of its records are told it; null when it is longer than they can be told.
  std::shared_ptr<const std::string> publisher{};
};

// Why somebody may not go on.
enum class Objection : std::uint8_t { expired, revoked, key_withdrawn };
// The message of the refusal: "token expired", "token revoked", "token key withdrawn".
std::string_view to_string(Objection objection);

// Immutable; any thread.
struct AccessPolicy {
  std::uint64_t version = 0;
  crypto::TokenVerifier tokens;
  authz::Revocations revocations;

  std::optional<Objection> objection(const Identity& identity, WallTime now) const;
};

// The identity of one channel, and what is known of its right to be here. Cheap to ask for each request: the
// policy itself is asked once a version.
class Standing {
 public:
  Standing() = default;
  Standing(std::shared_ptr<const Identity> identity, std::uint64_t policy_version)
      : identity_(std::move(identity)), reviewed_(policy_version) {}

  explicit operator bool() const { return identity_ != nullptr; }
  const Identity* operator->() const { return identity_.get(); }

  std::optional<Objection> objection(const AccessPolicy& policy, WallTime now) {
    if (policy.version == reviewed_ && now < identity_->good_until) return std::nullopt;
    const auto why = policy.objection(*identity_, now);
    if (!why) reviewed_ = policy.version;
    return why;
  }

 private:
  std::shared_ptr<const Identity> identity_;
  std::uint64_t reviewed_ = 0;
};

}  // namespace felix::broker
