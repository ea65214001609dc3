#include "crypto/pki.h"

#include <arpa/inet.h>
#include <array>

#include "crypto/random.h"
#include "crypto/x509.h"

namespace felix::crypto {
namespace {

// Collects the first failure of a sequence of library calls.
class Steps {
 public:
  Steps& operator<<(int result) {
    if (failure_ == 0 && result < 0) failure_ = result;
    return *this;
  }
  Status status(const std::string& doing) const {
    if (failure_ < 0) return gnutls_failure(Errc::tls_failed, doing, failure_);
    return {};
  }

 private:
  int failure_ = 0;
};

struct Draft {
  OwnedCertificate certificate = make_handle<OwnedCertificate>(gnutls_x509_crt_init);
  OwnedX509Key key = make_handle<OwnedX509Key>(gnutls_x509_privkey_init);
};

void set_serial(gnutls_x509_crt_t certificate, Steps& steps) {
  std::array<std::byte, 16> serial;
  random_bytes(serial);
  serial[0] = (serial[0] & std::byte{0x3f}) | std::byte{0x40};  // positive, and never shorter
  steps << gnutls_x509_crt_set_serial(certificate, serial.data(), serial.size());
}

// A new key and everything all our certificates share.
Result<Draft> make_draft(const std::string& common_name, const Validity& validity) {
  Draft draft;
  Steps steps;
  gnutls_x509_crt_t certificate = draft.certificate.get();
  steps << gnutls_x509_privkey_generate(draft.key.get(), GNUTLS_PK_ECDSA,
                                        GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
  steps << gnutls_x509_crt_set_version(certificate, 3)
        << gnutls_x509_crt_set_key(certificate, draft.key.get());
  set_serial(certificate, steps);
  steps << gnutls_x509_crt_set_activation_time(certificate, unix_seconds(validity.not_before))
        << gnutls_x509_crt_set_expiration_time(certificate, unix_seconds(validity.not_after))
        << gnutls_x509_crt_set_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, common_name.data(),
                                         static_cast<unsigned int>(common_name.size()));
  std::array<unsigned char, 64> id{};
  std::size_t size = id.size();
  steps << gnutls_x509_crt_get_key_id(certificate, GNUTLS_KEYID_USE_SHA1, id.data(), &size)
        << gnutls_x509_crt_set_subject_key_id(certificate, id.data(), size);
  FELIX_CHECK(steps.status("certificate for " + common_name));
  return draft;
}

Result<TlsIdentity> finish(const Draft& draft, gnutls_x509_crt_t issuer, gnutls_x509_privkey_t issuer_key) {
  Steps steps;
  OwnedDatum certificate;
  OwnedDatum key;
  steps << gnutls_x509_crt_sign2(draft.certificate.get(), issuer, issuer_key, GNUTLS_DIG_SHA256, 0)
        << gnutls_x509_crt_export2(draft.certificate.get(), GNUTLS_X509_FMT_PEM, certificate.out())
        << gnutls_x509_privkey_export2_pkcs8(draft.key.get(), GNUTLS_X509_FMT_PEM, nullptr, GNUTLS_PKCS_PLAIN,
                                             key.out());
  FELIX_CHECK(steps.status("sign certificate"));
  return TlsIdentity{{std::string(certificate.text()), "generated certificate"},
                     {std::string(key.text()), "generated key"}};
}

struct Authority {
  std::vector<OwnedCertificate> chain;
  OwnedX509Key key = make_handle<OwnedX509Key>(gnutls_x509_privkey_init);
};

Result<Authority> parse_authority(const TlsIdentity& ca) {
  Authority authority;
  FELIX_TRY(authority.chain, parse_certificates(ca.certificate_chain));
  const gnutls_datum_t pem = as_datum(ca.private_key.text);
  const int result = gnutls_x509_privkey_import2(authority.key.get(), &pem, GNUTLS_X509_FMT_PEM, nullptr, 0);
  if (result < 0) return gnutls_failure(Errc::tls_failed, ca.private_key.origin, result);
  return authority;
}

// What a leaf adds to its draft, and the authority's signature.
Result<TlsIdentity> issue(const TlsIdentity& ca, const Draft& draft, const char* purpose) {
  FELIX_TRY(const Authority authority, parse_authority(ca));
  gnutls_x509_crt_t issuer = authority.chain.front().get();
  gnutls_x509_crt_t certificate = draft.certificate.get();
  Steps steps;
  std::array<unsigned char, 64> id{};
  std::size_t size = id.size();
  steps << gnutls_x509_crt_get_subject_key_id(issuer, id.data(), &size, nullptr)
        << gnutls_x509_crt_set_authority_key_id(certificate, id.data(), size)
        << gnutls_x509_crt_set_basic_constraints(certificate, 0, -1)
        << gnutls_x509_crt_set_key_usage(certificate, GNUTLS_KEY_DIGITAL_SIGNATURE)
        << gnutls_x509_crt_set_key_purpose_oid(certificate, purpose, 0);
  FELIX_CHECK(steps.status("issue certificate"));
  return finish(draft, issuer, authority.key.get());
}

int add_name(gnutls_x509_crt_t certificate, gnutls_x509_subject_alt_name_t type, std::string_view name) {
  return gnutls_x509_crt_set_subject_alt_name(certificate, type, name.data(),
                                              static_cast<unsigned int>(name.size()), GNUTLS_FSAN_APPEND);
}

Status add_address(gnutls_x509_crt_t certificate, const std::string& text) {
  char raw[16];
  std::size_t size = 0;
  if (::inet_pton(AF_INET, text.c_str(), raw) == 1) size = 4;
  if (size == 0 && ::inet_pton(AF_INET6, text.c_str(), raw) == 1) size = 16;
  if (size == 0) return fail(Errc::usage, text + ": not an IP address; give DNS names as names");
  Steps steps;
  steps << add_name(certificate, GNUTLS_SAN_IPADDRESS, {raw, size});
  return steps.status(text);
}

}  // namespace

Validity validity_from(WallTime now, Duration life) { return {now - std::chrono::hours(1), now + life}; }

Result<TlsIdentity> generate_ca(const std::string& common_name, const Validity& validity) {
  FELIX_TRY(const Draft draft, make_draft(common_name, validity));
  Steps steps;
  steps << gnutls_x509_crt_set_basic_constraints(draft.certificate.get(), 1, 0)
        << gnutls_x509_crt_set_key_usage(draft.certificate.get(),
                                         GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN);
  FELIX_CHECK(steps.status("certificate authority"));
  return finish(draft, draft.certificate.get(), draft.key.get());
}

Result<TlsIdentity> issue_server_certificate(const TlsIdentity& ca, const ServerNames& names,
                                             const Validity& validity) {
  if (names.dns_names.empty() && names.ip_addresses.empty())
    return fail(Errc::usage, "a server certificate needs a DNS name or an IP address");
  FELIX_TRY(
      const Draft draft,
      make_draft(names.dns_names.empty() ? names.ip_addresses.front() : names.dns_names.front(), validity));
  Steps steps;
  for (const auto& name : names.dns_names)
    steps << add_name(draft.certificate.get(), GNUTLS_SAN_DNSNAME, name);
  FELIX_CHECK(steps.status("names of the server certificate"));
  for (const auto& address : names.ip_addresses) FELIX_CHECK(add_address(draft.certificate.get(), address));
  return issue(ca, draft, GNUTLS_KP_TLS_WWW_SERVER);
}

Result<TlsIdentity> issue_client_certificate(const TlsIdentity& ca, const std::string& common_name,
                                             const std::vector<std::string>& uris, const Validity& validity) {
  FELIX_TRY(const Draft draft, make_draft(common_name, validity));
  Steps steps;
  for (const auto& uri : uris) steps << add_name(draft.certificate.get(), GNUTLS_SAN_URI, uri);
  FELIX_CHECK(steps.status("names of the client certificate"));
  return issue(ca, draft, GNUTLS_KP_TLS_WWW_CLIENT);
}

}  // namespace felix::crypto
