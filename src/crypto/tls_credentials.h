#pragma once
// Loading certificates, keys and trust into the library, with texts a person can act on; for this module's
// own files only.

#include <array>

#include "crypto/gnutls_handles.h"
#include "crypto/tls_context.h"

namespace felix::crypto {

OwnedCredentials make_credentials();

// The certificate and its key; refuses a leaf expired at `now` and a key of another certificate. Returns the
// end of the leaf's life.
Result<WallTime> set_identity(gnutls_certificate_credentials_t credentials, const TlsIdentity& identity,
                              WallTime now);

// Certificates trusted to sign the peer's.
Status set_trust(gnutls_certificate_credentials_t credentials, const Pem& ca);

// What a server's certificate must show besides its signature, in the form the library keeps a pointer to:
// one lives in each context, which outlives its sessions.
class ServerRequirements {
 public:
  explicit ServerRequirements(std::string name);
  ServerRequirements(const ServerRequirements&) = delete;
  ServerRequirements& operator=(const ServerRequirements&) = delete;
  void require_of(gnutls_session_t session) const;

 private:
  std::string name_;
  std::array<gnutls_typed_vdata_st, 2> list_;
};

// The protocol ids of gnutls_alpn_set_protocols.
Status set_alpn(gnutls_session_t session, const std::vector<std::string>& protocols);

}  // namespace felix::crypto
