#pragma once
// Loading certificates, keys and trust into the library, with texts a person can act on; for this module's
// own files only.

#include "crypto/gnutls_handles.h"
#include "crypto/tls_context.h"

namespace felix::crypto {

OwnedCredentials make_credentials();

// The certificate and its key; refuses a leaf expired at `now` and a key of another certificate. Returns the
// end of the leaf's life.
Result<WallTime> set_identity(gnutls_certificate_credentials_t credentials, const TlsIdentity& identity,
                              WallTime now);

// Certificates trusted to sign the peer's. Returns when the first of them ends.
Result<WallTime> set_trust(gnutls_certificate_credentials_t credentials, const Pem& ca);

// The protocol ids of gnutls_alpn_set_protocols.
Status set_alpn(gnutls_session_t session, const std::vector<std::string>& protocols);

}  // namespace felix::crypto
