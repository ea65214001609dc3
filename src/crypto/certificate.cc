#include "crypto/certificate.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <time.h>

#include "crypto/x509.h"

namespace felix::crypto {
namespace {

WallTime from_time(time_t at) { return WallTime(std::chrono::seconds(at)); }

std::string ip_text(std::string_view raw) {
  char text[INET6_ADDRSTRLEN] = "";
  const int family = raw.size() == 4 ? AF_INET : AF_INET6;
  if (raw.size() != 4 && raw.size() != 16) return "";
  ::inet_ntop(family, raw.data(), text, sizeof text);
  return text;
}

void add_alternative_names(gnutls_x509_crt_t certificate, CertificateInfo& info) {
  std::string value(4096, '\0');
  for (unsigned int index = 0;; ++index) {
    std::size_t size = value.size();
    const int type = gnutls_x509_crt_get_subject_alt_name(certificate, index, value.data(), &size, nullptr);
    if (type == GNUTLS_E_SHORT_MEMORY_BUFFER) continue;  // longer than any name we compare
    if (type < 0) return;
    const std::string_view name(value.data(), size);
    if (type == GNUTLS_SAN_DNSNAME) info.dns_names.emplace_back(name);
    if (type == GNUTLS_SAN_URI) info.uris.emplace_back(name);
    if (type == GNUTLS_SAN_IPADDRESS) info.ip_addresses.push_back(ip_text(name));
  }
}

}  // namespace

Result<std::vector<OwnedCertificate>> parse_certificates(const Pem& pem) {
  gnutls_x509_crt_t* list = nullptr;
  unsigned int count = 0;
  const gnutls_datum_t data = as_datum(pem.text);
  const int result = gnutls_x509_crt_list_import2(&list, &count, &data, GNUTLS_X509_FMT_PEM, 0);
  if (result < 0)
    return fail(Errc::tls_failed, pem.origin + ": no PEM certificate in it (" + gnutls_strerror(result) +
                                      "); give a file with -----BEGIN CERTIFICATE-----");
  std::vector<OwnedCertificate> certificates;
  for (unsigned int i = 0; i < count; ++i) certificates.emplace_back(list[i]);
  gnutls_free(list);
  return certificates;
}

Result<OwnedCertificate> parse_der_certificate(const gnutls_datum_t& der) {
  auto certificate = make_handle<OwnedCertificate>(gnutls_x509_crt_init);
  const int result = gnutls_x509_crt_import(certificate.get(), &der, GNUTLS_X509_FMT_DER);
  if (result < 0) return gnutls_failure(Errc::malformed, "peer certificate", result);
  return certificate;
}

CertificateInfo describe(gnutls_x509_crt_t certificate) {
  CertificateInfo info;
  char name[1024];
  std::size_t size = sizeof name;
  if (gnutls_x509_crt_get_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &size) >= 0)
    info.common_name.assign(name, size);
  add_alternative_names(certificate, info);
  info.not_before = from_time(gnutls_x509_crt_get_activation_time(certificate));
  info.not_after = from_time(gnutls_x509_crt_get_expiration_time(certificate));
  info.is_ca = gnutls_x509_crt_get_ca_status(certificate, nullptr) > 0;
  return info;
}

Result<CertificateInfo> read_certificate(const Pem& pem) {
  FELIX_TRY(const auto certificates, parse_certificates(pem));
  return describe(certificates.front().get());
}

std::string date_text(WallTime at) {
  const time_t seconds = static_cast<time_t>(unix_seconds(at));
  struct tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[64];
  const std::size_t size = ::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts);
  return {text, size};
}

}  // namespace felix::crypto
