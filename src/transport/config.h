#pragma once
// What both ends of a connection are told about windows, limits and time, and how a connection ended.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace felix::transport {

// Defaults are the product's (wire protocol sections 1.3 and 1.4). Windows and streams are what we grant the
// peer at most; it begins with `first_...` of them, and gets more by use once it is trusted
// (Connection::trust, receive_window.h).
struct TransportConfig {
  std::uint64_t connection_window_bytes = 64u << 20;
  std::uint64_t stream_window_bytes = 16u << 20;
  std::uint64_t max_bidi_streams = 1024;  // the peer may have open at once
  std::uint64_t max_uni_streams = 1024;
  std::uint64_t first_window_bytes = UINT64_MAX;  // of a connection and of each of its streams
  std::uint64_t first_bidi_streams = UINT64_MAX;
  std::uint64_t first_uni_streams = UINT64_MAX;
  std::uint64_t stream_state_bytes = 3072;  // what one more stream counts for in the account
  // The lower of both ends' applies. Counted from what was last heard where signs of life are asked for.
  Duration idle_timeout = std::chrono::seconds(6);
  Duration keep_alive = std::chrono::seconds(2);  // 0 = off
  Duration handshake_timeout = std::chrono::seconds(10);
  Duration max_ack_delay = std::chrono::milliseconds(2);
  // Bytes of UDP payload. Above 1200, the smallest QUIC allows: the path is known to carry so much, and
  // discovery is off.
  std::uint16_t initial_mtu = 1200;
  // Path-MTU discovery ends here; 0 goes by what this host knows of the path: 1452 over Ethernet, more over
  // jumbo frames, most to a peer on this host.
  std::uint16_t mtu_upper_bound = 0;
};

// Keys that belong to the process, never to one reactor: all of them must accept each other's tokens.
struct EndpointSecrets {
  std::array<std::byte, 32> stateless_reset{};
  std::array<std::byte, 32> address_token{};
};

struct CloseReason {
  enum class Kind {
    local,             // we closed it
    peer_application,  // CONNECTION_CLOSE of the application; `code` is its code
    peer_transport,    // CONNECTION_CLOSE of QUIC; `code` is the transport error
    idle_timeout,      // nothing was heard for the idle time
    handshake_failed,  // TLS or transport negotiation; `text` says why, as a person would ask
    handshake_timeout,
    refused,          // the server answered CONNECTION_REFUSED
    stateless_reset,  // the peer lost its state (restarted)
    transport_error,  // the peer broke QUIC
  };
  Kind kind = Kind::local;
  std::uint64_t code = 0;
  std::string text;
};

std::string_view to_string(CloseReason::Kind kind);

// Application error codes of CONNECTION_CLOSE (wire protocol section 1.4).
inline constexpr std::uint64_t kCloseNormal = 0;
inline constexpr std::uint64_t kCloseAuthTimeout = 1;
// QUIC transport error CONNECTION_REFUSED.
inline constexpr std::uint64_t kQuicConnectionRefused = 0x2;
// TLS alert no_application_protocol as a QUIC error.
inline constexpr std::uint64_t kQuicNoApplicationProtocol = 0x178;

}  // namespace felix::transport
