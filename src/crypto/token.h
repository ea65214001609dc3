#pragma once
// Signed tokens: compact JWS with EdDSA over Ed25519 (wire protocol section 5.2). This is about signatures
// only; what the claims must say is authz's.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "crypto/signing_key.h"

namespace felix::crypto {

inline constexpr std::size_t kMaxTokenBytes = 16 * 1024;

// `claims` is a JSON object; `key_id` becomes the header's kid. invalid_request when the token would be
// longer than kMaxTokenBytes.
Result<std::string> sign_token(std::string_view claims, const SigningKey& key, std::string_view key_id);

struct VerificationKey {
  std::string key_id;  // may be empty
  Ed25519PublicKey key;

  bool operator==(const VerificationKey&) const = default;
};

// What a key vouched for: the claims as JSON text, not yet parsed, and the key.
struct VerifiedToken {
  std::string payload;
  Ed25519PublicKey key;
};

// Immutable; any thread.
class TokenVerifier {
 public:
  explicit TokenVerifier(const std::vector<VerificationKey>& keys);
  TokenVerifier(TokenVerifier&&) noexcept;
  TokenVerifier& operator=(TokenVerifier&&) noexcept;
  ~TokenVerifier();

  // A token that one of the keys signed: the key its kid names is tried first, then every other.
  // unauthenticated otherwise, with the reason; a token's own bytes never appear in it, except the name of a
  // refused algorithm.
  Result<VerifiedToken> verify(std::string_view token) const;
  bool has(const Ed25519PublicKey& key) const;

 private:
  struct Key;
  std::vector<Key> keys_;
};

}  // namespace felix::crypto
