#include "crypto/tls_client_proof.h"

namespace felix::crypto {
namespace {

// The library's automatic verification takes a missing certificate for a wrong one, so this is done by hand.
int check(gnutls_session_t session) {
  return client_proof_status(session) == 0 ? 0 : GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
}

}  // namespace

void install_client_proof(gnutls_session_t session) { gnutls_session_set_verify_function(session, check); }

unsigned int client_proof_status(gnutls_session_t session) {
  unsigned int count = 0;
  if (gnutls_certificate_get_peers(session, &count) == nullptr || count == 0) return 0;
  const gnutls_datum_t oid = as_datum(std::string_view(GNUTLS_KP_TLS_WWW_CLIENT));
  gnutls_typed_vdata_st purpose{GNUTLS_DT_KEY_PURPOSE_OID, oid.data, oid.size};
  unsigned int status = 0;
  const int result = gnutls_certificate_verify_peers(session, &purpose, 1, &status);
  return result < 0 ? static_cast<unsigned int>(GNUTLS_CERT_INVALID) : status;
}

}  // namespace felix::crypto
