#include "crypto/tls_credentials.h"

#include <algorithm>

#include "crypto/x509.h"

namespace felix::crypto {

OwnedCredentials make_credentials() {
  return make_handle<OwnedCredentials>(gnutls_certificate_allocate_credentials);
}

Result<WallTime> set_identity(gnutls_certificate_credentials_t credentials, const TlsIdentity& identity,
                              WallTime now) {
  FELIX_TRY(const auto chain, parse_certificates(identity.certificate_chain));
  const CertificateInfo leaf = describe(chain.front().get());
  const std::string& origin = identity.certificate_chain.origin;
  if (leaf.not_after < now)
    return fail(Errc::tls_failed,
                origin + ": certificate expired on " + date_text(leaf.not_after) + "; replace it");

  const gnutls_datum_t certificate = as_datum(identity.certificate_chain.text);
  const gnutls_datum_t key = as_datum(identity.private_key.text);
  const int result =
      gnutls_certificate_set_x509_key_mem(credentials, &certificate, &key, GNUTLS_X509_FMT_PEM);
  if (result == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
    return fail(Errc::tls_failed, identity.private_key.origin +
                                      ": not the private key of the certificate in " + origin +
                                      "; give the pair that was issued together");
  if (result < 0)
    return fail(Errc::tls_failed, identity.private_key.origin + ": no usable PEM private key (" +
                                      gnutls_strerror(result) +
                                      "); give an unencrypted ECDSA, Ed25519 or RSA key");
  return leaf.not_after;
}

Result<WallTime> set_trust(gnutls_certificate_credentials_t credentials, const Pem& ca) {
  FELIX_TRY(const auto certificates, parse_certificates(ca));
  std::vector<gnutls_x509_crt_t> list;
  WallTime first_end = WallTime::max();
  for (const auto& certificate : certificates) {
    list.push_back(certificate.get());
    first_end = std::min(first_end, describe(certificate.get()).not_after);
  }
  const int result =
      gnutls_certificate_set_x509_trust(credentials, list.data(), static_cast<int>(list.size()));
  if (result < 0) return gnutls_failure(Errc::tls_failed, ca.origin, result);
  return first_end;
}

Status set_alpn(gnutls_session_t session, const std::vector<std::string>& protocols) {
  std::vector<gnutls_datum_t> list;
  for (const auto& protocol : protocols) list.push_back(as_datum(protocol));
  const int result =
      gnutls_alpn_set_protocols(session, list.data(), static_cast<unsigned int>(list.size()), 0);
  if (result < 0) return gnutls_failure(Errc::usage, "ALPN ids", result);
  return {};
}

}  // namespace felix::crypto
