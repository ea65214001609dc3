#pragma once
// A UDP socket with the QUIC connections on it. One per reactor; everything on it happens on that reactor.
//
//   auto endpoint = Endpoint::listen(loop, address, options);      // server
//   auto endpoint = Endpoint::client(loop, any_address);           // then endpoint->connect(...)
//
// A turn of the loop reads packets (events are recorded), delivers the events, runs the owner's work, and
// then flushes every connection that has something to send, as GSO trains.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "io/address.h"
#include "io/loop.h"
#include "io/udp_socket.h"
#include "transport/config.h"
#include "transport/connection.h"
#include "transport/handshake_gate.h"

namespace felix::crypto {
class TlsServerContext;
class TlsClientContext;
}  // namespace felix::crypto

namespace felix::transport {

struct IngressAccount;

struct ListenOptions {
  TransportConfig transport;
  io::UdpOptions udp;
  EndpointSecrets secrets;
  std::uint32_t reactor = 0;  // this endpoint's index among `reactor_count` on the same port
  std::uint32_t reactor_count = 1;
  // Asked for each new connection, so that a reload reaches new connections only.
  std::function<std::shared_ptr<const crypto::TlsServerContext>()> tls;
  // Asked before any state is made for a new peer; false refuses it with CONNECTION_REFUSED.
  std::function<bool(const io::Address&)> admit;
  // A new connection (handshake still running): set its events.
  std::function<void(Connection&)> on_connection;
  // A packet of a connection that another reactor owns (kernels that refuse the steering program). The bytes
  // are valid during the call. Handed back there through inject().
  std::function<void(std::uint32_t owner, Bytes, const io::Address&)> on_foreign_packet;
  HandshakeLimits handshakes;
  // What all peers of this endpoint are granted together (receive_window.h); null: each connection by itself.
  // Outlives the endpoint.
  IngressAccount* ingress = nullptr;
};

struct ConnectOptions {
  TransportConfig transport;
  std::shared_ptr<const crypto::TlsClientContext> tls;
};

// Plain counters, written by the reactor alone; read by it when it publishes its metrics.
struct EndpointCounters {
  std::uint64_t datagrams_received = 0;
  std::uint64_t datagrams_ignored = 0;  // garbage, unknown connection, truncated
  std::uint64_t datagrams_sent = 0;
  std::uint64_t send_calls = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;
  std::uint64_t handshake_failures = 0;
  std::uint64_t protocol_violations = 0;
  std::uint64_t excesses = 0;  // of protocol_violations: too many frames that lead to nothing
  std::uint64_t retries_sent = 0;
  std::uint64_t resets_sent = 0;
  std::uint64_t answers_withheld = 0;  // of those given without keeping state: too many were asked for
  std::uint64_t foreign_packets = 0;
};

class Endpoint {
 public:
  static Result<std::unique_ptr<Endpoint>> listen(io::Loop& loop, const io::Address& local,
                                                  ListenOptions options);
  // An unconnected client socket of the family of `remote_family` (AF_INET or AF_INET6).
  static Result<std::unique_ptr<Endpoint>> client(io::Loop& loop, int remote_family,
                                                  const io::UdpOptions& udp);
  // Drops every connection without a word; close them first to be polite.
  ~Endpoint();
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  // Starts a handshake; the outcome is on_ready or on_closed. Fails only for local reasons.
  Result<Connection*> connect(const io::Address& remote, ConnectOptions options, ConnectionEvents events);

  // Server: new peers are refused from now on; existing connections go on.
  void stop_accepting();
  // Closes every connection with an application code.
  void close_all(std::uint64_t code, const std::string& reason);

  // Sends the last packet of each connection that ended a moment ago once more: it may have been lost.
  void repeat_last_words();

  // A packet that another reactor received for us.
  void inject(Bytes datagram, const io::Address& from);
  // Flushes now what is dirty (the loop does it at the end of each turn).
  void flush();

  const io::Address& local() const;
  bool steered() const;
  io::SocketBuffers granted_buffers() const;
  std::size_t connection_count() const;
  // All connections are gone and everything they had to say was sent.
  bool idle() const;
  const EndpointCounters& counters() const;
  io::Loop& loop();

 private:
  friend class Connection;
  friend class Channel;
  friend struct Callbacks;
  struct State;
  explicit Endpoint(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace felix::transport
