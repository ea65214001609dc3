#include "broker/authenticator.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "authz/claims.h"
#include "wire/event_codec.h"

namespace felix::broker {
namespace {

// Tokens one reactor remembers, and their bytes, which what is compiled from them goes by. When full, what
// expired is forgotten, or everything.
constexpr std::size_t kMaxKnownTokens = 4096;
constexpr std::size_t kMaxKnownTokenBytes = std::size_t{8} << 20;
constexpr std::size_t kRefusedPlaces = 1024;
// A refused token may become good: a clock is set, a key arrives.
constexpr std::chrono::seconds kRefusedFor{5};
// As far as a token's end can be told from never; its claims may name any year.
constexpr std::int64_t kFarthestSeconds = std::int64_t{100} * 365 * 86400;

crypto::Sha256 digest_of(std::string_view tenant_id, std::string_view token) {
  const crypto::Sha256 tenant = crypto::sha256(as_bytes(tenant_id));
  return crypto::hmac_sha256(tenant, as_bytes(token));
}

// The first moment at which check_claims() would refuse it for its age.
WallTime end_of(const authz::Claims& claims, WallTime now) {
  const std::int64_t from_now = claims.expires_at - unix_seconds(now);
  const std::int64_t end =
      unix_seconds(now) + std::min(from_now, kFarthestSeconds) + authz::kClaimLeewaySeconds + 1;
  return WallTime(std::chrono::seconds(end));
}

}  // namespace

std::size_t Authenticator::DigestHash::operator()(const Digest& digest) const noexcept {
  std::size_t hash = 0;
  std::memcpy(&hash, digest.data(), sizeof(hash));
  return hash;
}

Authenticator::Authenticator(std::shared_ptr<const AccessPolicy> policy)
    : policy_(std::move(policy)), refused_(kRefusedPlaces) {}

void Authenticator::set_policy(std::shared_ptr<const AccessPolicy> policy) {
  policy_ = std::move(policy);
  known_.clear();
  known_token_bytes_ = 0;
  std::ranges::fill(refused_, Refused{});
}

Authenticator::Refused& Authenticator::place_of_refused(const Digest& digest) {
  return refused_[DigestHash{}(digest) % refused_.size()];
}

std::optional<Result<Standing>> Authenticator::authenticate(std::string_view tenant_id,
                                                            std::string_view token, WallTime now) {
  if (token.size() > crypto::kMaxTokenBytes)
    return fail(Errc::unauthenticated, "token is over the limit of 16 KiB");
  const Digest digest = digest_of(tenant_id, token);
  if (const auto known = known_.find(digest); known != known_.end()) {
    const std::shared_ptr<const Identity>& identity = known->second.identity;
    if (now < identity->good_until) return Result<Standing>(Standing(identity, policy_->version));
    known_token_bytes_ -= known->second.token_bytes;
    known_.erase(known);
  }
  Refused& place = place_of_refused(digest);
  if (place.digest == digest && now < place.until) {
    ++known_bad_;
    return fail(Errc::unauthenticated, "token was refused a moment ago");
  }
  if (signatures_left_ == 0) return std::nullopt;
  --signatures_left_;

  auto identity = verify(tenant_id, token, now);
  if (!identity) {
    place = Refused{digest, now + kRefusedFor};
    return std::unexpected(std::move(identity).error());
  }
  remember(digest, *identity, token.size(), now);
  return Result<Standing>(Standing(std::move(*identity), policy_->version));
}

Result<std::shared_ptr<const Identity>> Authenticator::verify(std::string_view tenant_id,
                                                              std::string_view token, WallTime now) const {
  FELIX_TRY(const crypto::VerifiedToken verified, policy_->tokens.verify(token));
  FELIX_TRY(authz::Claims claims, authz::parse_claims(verified.payload));
  FELIX_TRY(authz::Principal principal, authz::check_claims(claims, tenant_id, unix_seconds(now)));
  std::shared_ptr<const std::string> publisher;
  if (principal.subject().size() <= wire::kMaxPublisherBytes)
    publisher = std::make_shared<const std::string>(principal.subject());
  auto identity = std::make_shared<const Identity>(
      Identity{std::string(tenant_id), std::move(principal), std::move(claims.token_id), claims.issued_at,
               end_of(claims, now), verified.key, std::move(publisher)});
  if (const auto objection = policy_->objection(*identity, now))
    return fail(Errc::unauthenticated, std::string(to_string(*objection)) + ": " + claims.subject);
  return identity;
}

void Authenticator::remember(const Digest& digest, std::shared_ptr<const Identity> identity,
                             std::size_t token_bytes, WallTime now) {
  auto full = [&] {
    return known_.size() >= kMaxKnownTokens || known_token_bytes_ + token_bytes > kMaxKnownTokenBytes;
  };
  if (full()) {
    std::erase_if(known_, [&](const auto& entry) {
      if (now < entry.second.identity->good_until) return false;
      known_token_bytes_ -= entry.second.token_bytes;
      return true;
    });
    if (full()) {
      known_.clear();
      known_token_bytes_ = 0;
    }
  }
  if (known_.try_emplace(digest, Known{std::move(identity), token_bytes}).second)
    known_token_bytes_ += token_bytes;
}

}  // namespace felix::broker
