// A token is refused in words or verified, and one that is verified says what was signed; claims that are
// accepted survive encoding. Input: one byte, then a token (even) or claims to be signed here (odd).

#include <string>

#include "authz/claims.h"
#include "authz/grants.h"
#include "crypto/token.h"
#include "fuzz/fuzz.h"

namespace {

using namespace felix;

const crypto::SigningKey& key() {
  static const std::array<std::byte, 32> seed{};
  static const crypto::SigningKey one = crypto::SigningKey::from_seed(seed).value();
  return one;
}

const crypto::TokenVerifier& verifier() {
  static const crypto::TokenVerifier one({{key().key_id(), key().public_key()}});
  return one;
}

// The library allocates for a signature it verifies; a header is parsed with a Reader of its own.
constexpr std::size_t kVerifyBytes = 64 * 1024;

Result<crypto::VerifiedToken> verify(std::string_view token) {
  return fuzz::decoded_within(token.size(), kVerifyBytes + fuzz::json_bytes(token),
                              [&] { return verifier().verify(token); });
}

void check_claims(std::string_view text) {
  const auto claims =
      fuzz::decoded_within(text.size(), fuzz::kFixedBytes + 16 * 1024 + 4 * fuzz::json_bytes(text),
                           [&] { return authz::parse_claims(text); });
  if (!claims) return;
  const std::string encoded = authz::encode_claims(*claims);
  const auto again = authz::parse_claims(encoded);
  FELIX_ASSERT(again && authz::encode_claims(*again) == encoded);
  const auto principal = authz::check_claims(*claims, claims->tenant, claims->issued_at);
  if (!principal) return;
  // Nothing reaches into another tenant, whatever the token says.
  FELIX_ASSERT(!principal->may_publish(claims->tenant + "x", "default", "orders"));
  FELIX_ASSERT(!principal->may_read_cache(claims->tenant + "x", "default", "primary", "k"));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text = as_text(fuzz::input(data, size)).substr(1);
  if (data[0] % 2 == 0) {
    const auto token = verify(text);
    if (token) check_claims(token->payload);
    return 0;
  }
  check_claims(text);
  const auto token = crypto::sign_token(text, key(), key().key_id());
  if (!token) return 0;
  const auto back = verify(*token);
  FELIX_ASSERT(back && back->payload == text);
  // One changed character of what was signed ends it.
  std::string forged = *token;
  char& changed = forged[data[0] % forged.rfind('.')];
  changed = changed == 'A' ? 'B' : 'A';
  FELIX_ASSERT(!verifier().verify(forged));
  return 0;
}
