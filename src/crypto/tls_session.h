#pragma once
// One TLS 1.3 session, made by a context (crypto/tls_context.h) and driven by whoever moves its bytes: the
// QUIC transport hands native() to its TLS helper. Belongs to one thread.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

// The library's own handle, named here so that its headers stay behind this module.
typedef struct gnutls_session_int* gnutls_session_t;

namespace felix::crypto {

// Whom a verified certificate names.
struct PeerIdentity {
  std::string common_name;        // of the subject; empty when it has none
  std::vector<std::string> uris;  // subject alternative names of type URI
};

class TlsSession {
 public:
  TlsSession(TlsSession&& other) noexcept;
  TlsSession& operator=(TlsSession&& other) noexcept;
  ~TlsSession();

  // Owned by this object. Its user pointer, read function and secret function are the driver's to set.
  gnutls_session_t native() const { return session_; }
  void set_user_pointer(void* pointer);

  // The protocol both sides agreed on, e.g. "felix/1"; empty when the client offered none (wire protocol
  // section 1.1). Known once the peer's hello was processed.
  std::string alpn() const;
  // E.g. "AES-128-GCM"; for logs.
  std::string cipher() const;
  // The name the client asked for; server side only, empty when it sent none.
  std::string server_name() const;

  // Why the handshake refused the peer's certificate: one line with the remedy. Empty when it did not.
  std::string verify_failure_text() const;
  // The peer's certificate after a completed handshake that verified it; absent when none was presented.
  std::optional<PeerIdentity> peer_identity() const;

 private:
  friend class TlsServerContext;
  friend class TlsClientContext;
  // `context` is kept alive as long as the session: the library reads credentials and names from it.
  TlsSession(gnutls_session_t session, std::shared_ptr<const void> context, std::string expected_name)
      : session_(session), context_(std::move(context)), expected_name_(std::move(expected_name)) {}

  gnutls_session_t session_ = nullptr;
  std::shared_ptr<const void> context_;
  std::string expected_name_;  // what the peer's certificate must name; empty for a server
};

}  // namespace felix::crypto
