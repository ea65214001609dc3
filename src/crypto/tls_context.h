#pragma once
// What many TLS sessions share: certificates, trust and preferences. A context never changes, so any thread
// may make sessions from it; reloading a certificate builds a new context and swaps the shared_ptr, and
// sessions under way keep the one they began with.
//
// Every session is TLS 1.3 only, without tickets, early data or rekeying (QUIC has its own key update).

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "crypto/pem_file.h"
#include "crypto/tls_session.h"

namespace felix::crypto {

// A certificate chain, leaf first, and the private key of its leaf.
struct TlsIdentity {
  Pem certificate_chain;
  Pem private_key;
};

Result<TlsIdentity> read_tls_identity(const std::string& certificate_path, const std::string& key_path);

struct TlsServerOptions {
  TlsIdentity identity;
  std::optional<Pem> client_ca;             // absent: clients are not asked for certificates
  bool require_client_certificate = false;  // with client_ca: a client without one is refused
  // Protocols served, best first. A client that offers others only is refused with no_application_protocol;
  // one that offers none is served unless `require_alpn` (wire protocol section 1.1).
  std::vector<std::string> alpn = {"felix/1"};
  bool require_alpn = false;
};

class TlsServerContext : public std::enable_shared_from_this<TlsServerContext> {
 public:
  // tls_failed when PEM does not parse, the key is not the certificate's, or the leaf is expired at `now`;
  // the context names the file and the remedy.
  static Result<std::shared_ptr<const TlsServerContext>> create(TlsServerOptions options, WallTime now);
  ~TlsServerContext();
  TlsServerContext(const TlsServerContext&) = delete;
  TlsServerContext& operator=(const TlsServerContext&) = delete;

  Result<TlsSession> make_session() const;
  // When the leaf certificate ends.
  WallTime expires_at() const;

 private:
  struct State;
  explicit TlsServerContext(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

struct TlsClientOptions {
  Pem ca;                   // certificates trusted to sign the server's
  std::string server_name;  // DNS name or IP address the server's certificate must name; also sent as SNI
  // Off by default: a server that has no protocol list refuses a QUIC client that offers one.
  bool offer_alpn = false;
  std::vector<std::string> alpn = {"felix/1"};
  std::optional<TlsIdentity> identity;  // a client certificate, for servers that ask
};

class TlsClientContext : public std::enable_shared_from_this<TlsClientContext> {
 public:
  // As for the server; usage when server_name is empty.
  static Result<std::shared_ptr<const TlsClientContext>> create(TlsClientOptions options, WallTime now);
  ~TlsClientContext();
  TlsClientContext(const TlsClientContext&) = delete;
  TlsClientContext& operator=(const TlsClientContext&) = delete;

  // `now` is for the server's chain: one that verified before is taken as verified until it ends, an hour at
  // most. The session must be driven by the thread it is made on.
  Result<TlsSession> make_session(WallTime now) const;

 private:
  struct State;
  explicit TlsClientContext(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace felix::crypto
