#include "crypto/digest.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "base/contract.h"

namespace felix::crypto {

Sha256 sha256(Bytes data) {
  Sha256 digest;
  const int result = gnutls_hash_fast(GNUTLS_DIG_SHA256, data.data(), data.size(), digest.data());
  FELIX_ASSERT(result == 0);
  return digest;
}

Sha256 hmac_sha256(Bytes key, Bytes data) {
  Sha256 digest;
  const int result =
      gnutls_hmac_fast(GNUTLS_MAC_SHA256, key.data(), key.size(), data.data(), data.size(), digest.data());
  FELIX_ASSERT(result == 0);
  return digest;
}

}  // namespace felix::crypto
