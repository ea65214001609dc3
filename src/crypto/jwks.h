#pragma once
// Key sets as JSON (wire protocol section 5.2): how a verifier learns its keys.

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "crypto/token.h"

namespace felix::crypto {

// {"keys":[{"kty":"OKP","kid":…,"alg":"EdDSA","use":"sig","crv":"Ed25519","x":…}]}.
std::string encode_jwks(const std::vector<VerificationKey>& keys);

// The Ed25519 signature keys of a set, in its order; keys of other kinds, algorithms or uses are ignored, and
// a key that names no algorithm counts. malformed when the text is no key set or an Ed25519 key is not 32
// bytes; too_large over 1 MiB or 256 keys.
Result<std::vector<VerificationKey>> parse_jwks(std::string_view text);

}  // namespace felix::crypto
