#pragma once
// Files that hold keys to verify tokens with.

#include <vector>

#include "base/error.h"
#include "crypto/pem_file.h"
#include "crypto/token.h"

namespace felix::crypto {

// By what the text is: a key set as JSON (jwks.h), or one Ed25519 key in PEM, public or private; of a private
// one the public half. The key id of a PEM key is key_id_of(). malformed names the origin and what it is not.
Result<std::vector<VerificationKey>> parse_verification_keys(const Pem& file);

}  // namespace felix::crypto
