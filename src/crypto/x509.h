#pragma once
// Parsed certificates, for this module's own files only.

#include "crypto/certificate.h"
#include "crypto/gnutls_handles.h"

namespace felix::crypto {

// All certificates of a PEM text, at least one; tls_failed (naming the origin) otherwise.
Result<std::vector<OwnedCertificate>> parse_certificates(const Pem& pem);
// `der` is one certificate as a handshake carried it.
Result<OwnedCertificate> parse_der_certificate(const gnutls_datum_t& der);

CertificateInfo describe(gnutls_x509_crt_t certificate);

}  // namespace felix::crypto
