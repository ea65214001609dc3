#include "client/close_error.h"

#include <fmt/format.h>

namespace felix::client {

using Kind = transport::CloseReason::Kind;

Error connect_error(const transport::CloseReason& reason, const std::string& server, Duration timeout) {
  switch (reason.kind) {
    case Kind::handshake_failed:
      return {Errc::tls_failed, fmt::format("{}: {}", server, reason.text)};
    case Kind::peer_transport:
      if (reason.code == transport::kQuicNoApplicationProtocol)
        return {Errc::tls_failed,
                fmt::format("{} refused the protocol name offered; connect without ALPN", server)};
      if (reason.code == transport::kQuicConnectionRefused) break;
      // Alerts of TLS arrive as 0x100 + alert.
      if (reason.code >= 0x100 && reason.code <= 0x1ff)
        return {Errc::tls_failed,
                fmt::format("{} ended the TLS handshake: {} (alert {})", server,
                            reason.text.empty() ? "no reason given" : reason.text, reason.code - 0x100)};
      return {Errc::connect_failed,
              fmt::format("{} ended the handshake: {} (QUIC error {:#x})", server,
                          reason.text.empty() ? "no reason given" : reason.text, reason.code)};
    case Kind::handshake_timeout:
    case Kind::idle_timeout:
      return {Errc::connect_failed, fmt::format("no answer from {} within {:g} s; is the broker running?",
                                                server, std::chrono::duration<double>(timeout).count())};
    case Kind::refused:
      break;
    case Kind::peer_application:
      return lost_error(reason, server);
    case Kind::local:
    case Kind::stateless_reset:
    case Kind::transport_error:
      return {Errc::connect_failed,
              fmt::format("{}: {}", server, reason.text.empty() ? to_string(reason.kind) : reason.text)};
  }
  return {Errc::connect_failed,
          fmt::format("{} refuses new connections; it is full or shutting down, try again later", server)};
}

Error lost_error(const transport::CloseReason& reason, const std::string& server) {
  switch (reason.kind) {
    case Kind::peer_application:
      if (reason.code == transport::kCloseNormal)
        return {Errc::draining,
                fmt::format("{}: {}", server, reason.text.empty() ? "broker shutting down" : reason.text)};
      if (reason.code == transport::kCloseAuthTimeout)
        return {Errc::unauthenticated, fmt::format("{}: no authentication in time", server)};
      return {Errc::connection_lost,
              fmt::format("{} closed the connection: {} (code {})", server,
                          reason.text.empty() ? "no reason given" : reason.text, reason.code)};
    case Kind::idle_timeout:
      return {Errc::connection_lost,
              fmt::format("{} has fallen silent; the broker or the network is gone", server)};
    case Kind::stateless_reset:
      return {Errc::connection_lost,
              fmt::format("{} does not know this connection; it was restarted", server)};
    default:
      return {Errc::connection_lost, fmt::format("connection to {} lost: {}", server,
                                                 reason.text.empty() ? to_string(reason.kind) : reason.text)};
  }
}

}  // namespace felix::client
