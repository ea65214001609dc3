#pragma once
// Tokens to identities (wire protocol section 5.2). Verifying a signature costs more than serving a request,
// so what a token turned out to be is remembered by its digest: a good one until it expires, a bad one for a
// moment. How many signatures are verified in one turn is bounded: whoever brings a flood of tokens waits
// with it, and nobody else does.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "broker/access_policy.h"
#include "crypto/digest.h"

namespace felix::broker {

// One per reactor.
class Authenticator {
 public:
  explicit Authenticator(std::shared_ptr<const AccessPolicy> policy);

  const AccessPolicy& policy() const { return *policy_; }
  // Forgets every token: each is judged anew when it comes again.
  void set_policy(std::shared_ptr<const AccessPolicy> policy);

  // Gives the next turn its share of signatures.
  void begin_turn() { signatures_left_ = kSignaturesPerTurn; }
  bool has_signatures_left() const { return signatures_left_ > 0; }

  // Who the token speaks for; Errc::unauthenticated with a reason meant for the log, not for the peer.
  // Nullopt: it is not known yet and this turn's share is used up, so ask again in a later one.
  std::optional<Result<Standing>> authenticate(std::string_view tenant_id, std::string_view token,
                                               WallTime now);

  // Tokens refused without a look at their signature.
  std::uint64_t known_bad() const { return known_bad_; }

 private:
  using Digest = crypto::Sha256;
  // A digest is as good as random.
  struct DigestHash {
    std::size_t operator()(const Digest& digest) const noexcept;
  };
  struct Refused {
    Digest digest{};
    WallTime until{};
  };
  struct Known {
    std::shared_ptr<const Identity> identity;
    std::size_t token_bytes = 0;
  };

  Result<std::shared_ptr<const Identity>> verify(std::string_view tenant_id, std::string_view token,
                                                 WallTime now) const;
  void remember(const Digest& digest, std::shared_ptr<const Identity> identity, std::size_t token_bytes,
                WallTime now);
  Refused& place_of_refused(const Digest& digest);

  // Signatures verified in one turn: about half a millisecond of it.
  static constexpr std::uint32_t kSignaturesPerTurn = 4;

  std::shared_ptr<const AccessPolicy> policy_;
  std::uint32_t signatures_left_ = kSignaturesPerTurn;
  std::unordered_map<Digest, Known, DigestHash> known_;
  std::size_t known_token_bytes_ = 0;
  std::vector<Refused> refused_;  // each digest has one place; a later one takes it over
  std::uint64_t known_bad_ = 0;
};

}  // namespace felix::broker
