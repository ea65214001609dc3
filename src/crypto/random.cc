#include "crypto/random.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "base/contract.h"

namespace felix::crypto {

void random_bytes(MutableBytes out) {
  if (out.empty()) return;
  const int result = gnutls_rnd(GNUTLS_RND_KEY, out.data(), out.size());
  FELIX_ASSERT(result == 0);  // nothing that needs a secret can go on without one
}

bool equal_constant_time(Bytes a, Bytes b) {
  if (a.size() != b.size()) return false;
  return a.empty() || gnutls_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace felix::crypto
