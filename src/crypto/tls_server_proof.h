#pragma once
// How a client judges a server's certificate; for this module's own files only.

#include <array>
#include <memory>
#include <string>

#include "crypto/digest.h"
#include "crypto/gnutls_handles.h"
#include "crypto/pem_file.h"

namespace felix::crypto {

// The library's verification status when no certificate came.
inline constexpr auto kNotVerified = static_cast<unsigned int>(-1);

// What a client's context demands of the servers of its sessions, which it outlives.
class ServerProof {
 public:
  // The certificate must be signed by one of `trust`, the first of which ends at `trust_ends`, name `name`,
  // and be meant for servers.
  ServerProof(std::string name, const Pem& trust, WallTime trust_ends);
  ServerProof(const ServerProof&) = delete;
  ServerProof& operator=(const ServerProof&) = delete;

  // The proof asked of one session.
  struct Demand {
    std::shared_ptr<const void> context;  // keeps `proof`
    const ServerProof* proof;
    WallTime now;  // as of which chains verified before are judged
  };
  // From now on a handshake of `session` ends unless its server's chain verifies, or this thread saw it
  // verify under the same trust and name. A server that staples a word about revocation is verified each
  // time. `demand` must outlive the session.
  static void require_of(gnutls_session_t session, const Demand& demand);

  // The library's verification status bits of the server's certificate: 0 when it verifies.
  static unsigned int status(gnutls_session_t session);

 private:
  unsigned int verify(gnutls_session_t session) const;
  static int check(gnutls_session_t session);

  std::string name_;
  std::array<gnutls_typed_vdata_st, 2> list_;
  Sha256 rests_on_;  // trust and name
  WallTime trust_ends_;
};

}  // namespace felix::crypto
