#include <arpa/inet.h>

#include "crypto/tls_context.h"
#include "crypto/tls_credentials.h"
#include "crypto/tls_priority.h"
#include "crypto/tls_server_proof.h"

namespace felix::crypto {

struct TlsClientContext::State {
  OwnedCredentials credentials = make_credentials();
  OwnedPriority priority;
  std::string server_name;
  std::optional<ServerProof> server;
  std::vector<std::string> alpn;  // empty when none is offered
};

namespace {

bool is_ip_address(const std::string& name) {
  unsigned char address[16];
  return ::inet_pton(AF_INET, name.c_str(), address) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), address) == 1;
}

// QUIC changes keys without TLS, and a KeyUpdate is a violation of it (RFC 9001, section 6). The library
// would install the new keys, for which ngtcp2 has no place.
int refuse_key_update(gnutls_session_t, unsigned, unsigned, unsigned, const gnutls_datum_t*) {
  return GNUTLS_E_UNEXPECTED_PACKET;
}

}  // namespace

TlsClientContext::TlsClientContext(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsClientContext::~TlsClientContext() = default;

Result<std::shared_ptr<const TlsClientContext>> TlsClientContext::create(TlsClientOptions options,
                                                                         WallTime now) {
  if (options.server_name.empty())
    return fail(Errc::usage, "TLS server name is empty; give the name the server's certificate is for");
  auto state = std::make_unique<State>();
  state->server_name = std::move(options.server_name);
  FELIX_TRY(state->priority, make_priority());
  FELIX_TRY(const WallTime trust_ends, set_trust(state->credentials.get(), options.ca));
  state->server.emplace(state->server_name, options.ca, trust_ends);
  if (options.identity) {
    FELIX_CHECK(set_identity(state->credentials.get(), *options.identity, now));
  }
  if (options.offer_alpn) state->alpn = std::move(options.alpn);
  return std::shared_ptr<const TlsClientContext>(new TlsClientContext(std::move(state)));
}

Result<TlsSession> TlsClientContext::make_session(WallTime now) const {
  gnutls_session_t raw = nullptr;
  // One key share: to make a second costs more than most connections need, and a server that serves other
  // groups only asks for it.
  int result =
      gnutls_init(&raw, GNUTLS_CLIENT | GNUTLS_NO_AUTO_REKEY | GNUTLS_NO_TICKETS | GNUTLS_KEY_SHARE_TOP);
  if (result < 0) return gnutls_failure(Errc::internal, "new TLS session", result);
  const auto demand = std::make_shared<const ServerProof::Demand>(
      ServerProof::Demand{shared_from_this(), &*state_->server, now});
  TlsSession session(raw, demand, state_->server_name);
  result = gnutls_priority_set(raw, state_->priority.get());
  if (result == 0) result = gnutls_credentials_set(raw, GNUTLS_CRD_CERTIFICATE, state_->credentials.get());
  // An address is matched against the certificate, but is no name to send.
  if (result == 0 && !is_ip_address(state_->server_name))
    result =
        gnutls_server_name_set(raw, GNUTLS_NAME_DNS, state_->server_name.data(), state_->server_name.size());
  if (result < 0) return gnutls_failure(Errc::internal, "new TLS session", result);

  ServerProof::require_of(raw, *demand);
  gnutls_handshake_set_hook_function(raw, GNUTLS_HANDSHAKE_KEY_UPDATE, GNUTLS_HOOK_PRE, refuse_key_update);
  if (!state_->alpn.empty()) FELIX_CHECK(set_alpn(raw, state_->alpn));
  return session;
}

}  // namespace felix::crypto
