#include "crypto/tls_session.h"

#include <utility>

#include "crypto/tls_client_proof.h"
#include "crypto/tls_server_proof.h"
#include "crypto/x509.h"

namespace felix::crypto {
namespace {

std::string joined(const CertificateInfo& info) {
  std::string text;
  for (const auto* names : {&info.dns_names, &info.ip_addresses}) {
    for (const auto& name : *names) text += (text.empty() ? "" : ", ") + name;
  }
  return text.empty() ? info.common_name : text;
}

// The certificate the peer presented, if any.
std::optional<CertificateInfo> presented(gnutls_session_t session) {
  unsigned int count = 0;
  const gnutls_datum_t* chain = gnutls_certificate_get_peers(session, &count);
  if (chain == nullptr || count == 0) return std::nullopt;
  const auto leaf = parse_der_certificate(chain[0]);
  if (!leaf) return std::nullopt;
  return describe(leaf->get());
}

// The library's status bits for the peer's certificate: 0 when it verifies, or a client sent none. Only a
// client's session expects a name.
unsigned int verification_status(gnutls_session_t session, const std::string& expected_name) {
  return expected_name.empty() ? client_proof_status(session) : ServerProof::status(session);
}

std::string status_text(unsigned int status) {
  OwnedDatum text;
  if (gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, text.out(), 0) < 0)
    return "certificate does not verify";
  return std::string(text.text());
}

}  // namespace

TlsSession::TlsSession(TlsSession&& other) noexcept
    : session_(std::exchange(other.session_, nullptr)),
      context_(std::move(other.context_)),
      expected_name_(std::move(other.expected_name_)) {}

TlsSession& TlsSession::operator=(TlsSession&& other) noexcept {
  std::swap(session_, other.session_);
  std::swap(context_, other.context_);
  std::swap(expected_name_, other.expected_name_);
  return *this;
}

TlsSession::~TlsSession() {
  if (session_ != nullptr) gnutls_deinit(session_);
}

void TlsSession::set_user_pointer(void* pointer) { gnutls_session_set_ptr(session_, pointer); }

std::string TlsSession::alpn() const {
  gnutls_datum_t selected{nullptr, 0};
  if (gnutls_alpn_get_selected_protocol(session_, &selected) < 0) return "";
  return {reinterpret_cast<const char*>(selected.data), selected.size};
}

std::string TlsSession::cipher() const {
  const char* name = gnutls_cipher_get_name(gnutls_cipher_get(session_));
  return name == nullptr ? "" : name;
}

std::string TlsSession::server_name() const {
  char name[256];
  std::size_t size = sizeof name;
  unsigned int type = 0;
  if (gnutls_server_name_get(session_, name, &size, &type, 0) < 0) return "";
  return {name, size};
}

std::string TlsSession::verify_failure_text() const {
  const unsigned int status = verification_status(session_, expected_name_);
  if (status == 0 || status == kNotVerified) return "";
  const auto leaf = presented(session_);
  if ((status & GNUTLS_CERT_SIGNER_NOT_FOUND) != 0)
    return "certificate is not signed by the given CA; give the CA file that signed it";
  if (leaf && (status & GNUTLS_CERT_EXPIRED) != 0)
    return "certificate expired on " + date_text(leaf->not_after) + "; it must be replaced";
  if (leaf && (status & GNUTLS_CERT_NOT_ACTIVATED) != 0)
    return "certificate is not valid before " + date_text(leaf->not_before) + "; check the clocks";
  if (leaf && (status & GNUTLS_CERT_UNEXPECTED_OWNER) != 0)
    return "certificate is for " + joined(*leaf) + ", not " + expected_name_ +
           "; connect by a name it has, or set the server name";
  return status_text(status);
}

std::optional<PeerIdentity> TlsSession::peer_identity() const {
  if (verification_status(session_, expected_name_) != 0) return std::nullopt;
  auto leaf = presented(session_);
  if (!leaf) return std::nullopt;
  return PeerIdentity{std::move(leaf->common_name), std::move(leaf->uris)};
}

}  // namespace felix::crypto
