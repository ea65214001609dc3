#include "crypto/tls_alpn.h"
#include "crypto/tls_client_proof.h"
#include "crypto/tls_context.h"
#include "crypto/tls_credentials.h"
#include "crypto/tls_priority.h"

namespace felix::crypto {

struct TlsServerContext::State {
  OwnedCredentials credentials;
  OwnedPriority priority;
  std::vector<std::string> alpn;
  bool require_alpn = false;
  gnutls_certificate_request_t client_certificates = GNUTLS_CERT_IGNORE;
  WallTime expires_at;
};

TlsServerContext::TlsServerContext(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsServerContext::~TlsServerContext() = default;

Result<std::shared_ptr<const TlsServerContext>> TlsServerContext::create(TlsServerOptions options,
                                                                         WallTime now) {
  auto state = std::make_unique<State>();
  state->credentials = make_credentials();
  FELIX_TRY(state->expires_at, set_identity(state->credentials.get(), options.identity, now));
  FELIX_TRY(state->priority, make_priority());
  if (options.client_ca) {
    FELIX_CHECK(set_trust(state->credentials.get(), *options.client_ca));
    state->client_certificates =
        options.require_client_certificate ? GNUTLS_CERT_REQUIRE : GNUTLS_CERT_REQUEST;
  }
  state->alpn = std::move(options.alpn);
  state->require_alpn = options.require_alpn;
  return std::shared_ptr<const TlsServerContext>(new TlsServerContext(std::move(state)));
}

WallTime TlsServerContext::expires_at() const { return state_->expires_at; }

Result<TlsSession> TlsServerContext::make_session() const {
  gnutls_session_t raw = nullptr;
  int result = gnutls_init(&raw, GNUTLS_SERVER | GNUTLS_NO_AUTO_REKEY | GNUTLS_NO_TICKETS);
  if (result < 0) return gnutls_failure(Errc::internal, "new TLS session", result);
  TlsSession session(raw, shared_from_this(), {});
  result = gnutls_priority_set(raw, state_->priority.get());
  if (result == 0) result = gnutls_credentials_set(raw, GNUTLS_CRD_CERTIFICATE, state_->credentials.get());
  if (result < 0) return gnutls_failure(Errc::internal, "new TLS session", result);

  gnutls_certificate_server_set_request(raw, state_->client_certificates);
  if (state_->client_certificates != GNUTLS_CERT_IGNORE) install_client_proof(raw);
  FELIX_CHECK(set_alpn(raw, state_->alpn));
  install_alpn_rule(raw, state_->require_alpn);
  return session;
}

}  // namespace felix::crypto
