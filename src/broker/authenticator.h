#pragma once
// Tokens to identities (wire protocol section 5.2). Verifying a signature costs more than serving a request,
// so verified tokens are remembered until they expire.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "authz/principal.h"
#include "base/error.h"
#include "base/time.h"
#include "crypto/token.h"

namespace felix::broker {

// Who a stream belongs to. Immutable.
struct Identity {
  std::string tenant_id;
  authz::Principal principal;
  WallTime remembered_until;
  // The principal's name as readers of its records are told it; null when it is longer than they can be told.
  std::shared_ptr<const std::string> publisher{};
};

// One per reactor.
class Authenticator {
 public:
  explicit Authenticator(std::shared_ptr<const crypto::TokenVerifier> verifier)
      : verifier_(std::move(verifier)) {}

  // Errc::unauthenticated with a reason meant for the log, not for the peer.
  Result<std::shared_ptr<const Identity>> authenticate(std::string_view tenant_id, std::string_view token,
                                                       WallTime now);

 private:
  std::shared_ptr<const crypto::TokenVerifier> verifier_;
  std::unordered_map<std::string, std::shared_ptr<const Identity>> known_;  // by token
};

}  // namespace felix::broker
