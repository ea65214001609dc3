#pragma once
// Certificates for tests, made once a process.

#include <chrono>

#include "crypto/pki.h"

namespace felix::crypto::test {

inline WallTime now() { return std::chrono::system_clock::now(); }
inline constexpr auto kDay = std::chrono::hours(24);

inline const TlsIdentity& ca() {
  static const TlsIdentity identity = generate_ca("felix test CA", validity_from(now(), 10 * kDay)).value();
  return identity;
}
inline const TlsIdentity& other_ca() {
  static const TlsIdentity identity = generate_ca("another CA", validity_from(now(), 10 * kDay)).value();
  return identity;
}
inline const TlsIdentity& server_identity() {
  static const TlsIdentity identity =
      issue_server_certificate(ca(), {{"localhost", "broker.example"}, {"127.0.0.1", "::1"}},
                               validity_from(now(), 5 * kDay))
          .value();
  return identity;
}

inline TlsServerOptions server_options() {
  return {.identity = server_identity(), .client_ca = {}, .alpn = {"felix/1"}};
}
inline TlsClientOptions client_options(std::string server_name = "localhost") {
  return {.ca = ca().certificate_chain, .server_name = std::move(server_name), .identity = {}};
}

inline TlsSession server_session(TlsServerOptions options = server_options(), WallTime at = now()) {
  return TlsServerContext::create(std::move(options), at).value()->make_session().value();
}
inline TlsSession client_session(TlsClientOptions options = client_options()) {
  return TlsClientContext::create(std::move(options), now()).value()->make_session(now()).value();
}

}  // namespace felix::crypto::test
