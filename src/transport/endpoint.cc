#include "transport/endpoint.h"

#include <utility>

#include <ngtcp2/ngtcp2_crypto_gnutls.h>

#include "crypto/random.h"
#include "crypto/tls_context.h"
#include "transport/connection_quic.h"
#include "transport/endpoint_state.h"
#include "transport/start_connection.h"

namespace felix::transport {
namespace {

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  crypto::random_bytes(std::as_writable_bytes(std::span(&seed, 1)));
  return seed;
}

Error ngtcp2_failure(std::string_view what, int error) {
  return Error{Errc::internal, std::string(what) + ": " + ngtcp2_strerror(error)};
}

}  // namespace

Endpoint::State::State(io::Loop& l, std::unique_ptr<io::UdpSocket> s)
    : loop(l),
      socket(std::move(s)),
      routes(16, ConnectionIdHash{random_seed()}),
      flusher(*socket, counters),
      watch(l, socket->fd(), io::Watch::readable, [this](std::uint32_t events) { on_socket(events); }),
      grave_timer(l, [this] { visit_graves(); }),
      turn_end(l, [this] { return end_of_turn(); }) {}

Endpoint::Endpoint(std::unique_ptr<State> state) : state_(std::move(state)) { state_->self = this; }

Endpoint::~Endpoint() = default;

Result<std::unique_ptr<Endpoint>> Endpoint::listen(io::Loop& loop, const io::Address& local,
                                                   ListenOptions options) {
  io::UdpOptions udp = options.udp;
  udp.reuse_port = options.reactor_count > 1;
  udp.reactor_count = options.reactor_count;
  FELIX_TRY(auto socket, io::UdpSocket::bind(local, udp));
  auto state = std::make_unique<State>(loop, std::move(socket));
  state->server = state->accepting = true;
  state->secrets = options.secrets;
  state->gate = std::make_unique<HandshakeGate>(options.handshakes, random_seed());
  state->options = std::move(options);
  return std::unique_ptr<Endpoint>(new Endpoint(std::move(state)));
}

Result<std::unique_ptr<Endpoint>> Endpoint::client(io::Loop& loop, int remote_family,
                                                   const io::UdpOptions& udp) {
  FELIX_TRY(const io::Address any, io::Address::parse(remote_family == AF_INET6 ? "[::]:0" : "0.0.0.0:0"));
  FELIX_TRY(auto socket, io::UdpSocket::bind(any, udp));
  auto state = std::make_unique<State>(loop, std::move(socket));
  crypto::random_bytes(state->secrets.stateless_reset);
  return std::unique_ptr<Endpoint>(new Endpoint(std::move(state)));
}

Result<Connection*> Endpoint::connect(const io::Address& remote, ConnectOptions options,
                                      ConnectionEvents events) {
  FELIX_TRY(crypto::TlsSession tls, options.tls->make_session(state_->loop.clock().wall_now()));
  std::unique_ptr<Connection> connection(new Connection(*this, options.transport, nullptr));
  Connection::Quic& quic = *connection->quic_;
  quic.tls.emplace(std::move(tls));
  if (ngtcp2_crypto_gnutls_configure_client_session(quic.tls->native()) != 0)
    return fail(Errc::internal, "cannot prepare a TLS session for QUIC");

  const ConnectionId local_id = state_->new_id();
  const ngtcp2_cid scid = to_ngtcp2(local_id);
  const ngtcp2_cid dcid = to_ngtcp2(new_connection_id(0, 1));
  const io::Address& local = state_->socket->local();
  ngtcp2_path_storage_init(&quic.path, local.raw(), local.length(), remote.raw(), remote.length(), nullptr);
  const ngtcp2_settings settings = settings_for(quic.config, state_->loop.now());
  const ngtcp2_transport_params parameters = parameters_for(quic.config);
  const int outcome =
      ngtcp2_conn_client_new(&quic.conn, &dcid, &scid, &quic.path.path, NGTCP2_PROTO_VER_V1,
                             &client_callbacks(), &settings, &parameters, nullptr, connection.get());
  if (outcome != 0) return std::unexpected(ngtcp2_failure("cannot start a connection", outcome));
  quic.finish_setup();

  Connection* added = connection.get();
  added->set_events(std::move(events));
  state_->connections.emplace(added, std::move(connection));
  state_->add_route(local_id, *added);
  added->mark_dirty();
  return added;
}

Result<Connection*> Endpoint::State::start_server_connection(const ngtcp2_pkt_hd& header,
                                                             const io::Address& from,
                                                             const ngtcp2_cid* original_dcid) {
  FELIX_TRY(crypto::TlsSession tls, options.tls()->make_session());
  std::unique_ptr<Connection> connection(new Connection(*self, options.transport, options.ingress));
  Connection::Quic& quic = *connection->quic_;
  quic.tls.emplace(std::move(tls));
  if (ngtcp2_crypto_gnutls_configure_server_session(quic.tls->native()) != 0)
    return fail(Errc::internal, "cannot prepare a TLS session for QUIC");

  const ConnectionId local_id = new_id();
  const ngtcp2_cid scid = to_ngtcp2(local_id);
  const io::Address& local = socket->local();
  ngtcp2_path_storage_init(&quic.path, local.raw(), local.length(), from.raw(), from.length(), nullptr);
  ngtcp2_settings settings = settings_for(quic.config, loop.now());
  ngtcp2_transport_params parameters = parameters_for(quic.config);
  parameters.original_dcid_present = 1;
  parameters.original_dcid = original_dcid != nullptr ? *original_dcid : header.dcid;
  if (original_dcid != nullptr) {
    // Only a verified token: ngtcp2 takes its presence as the proof of the peer's address.
    settings.token = header.token;
    settings.tokenlen = header.tokenlen;
    settings.token_type = NGTCP2_TOKEN_TYPE_RETRY;
    parameters.retry_scid_present = 1;
    parameters.retry_scid = header.dcid;
  }
  parameters.stateless_reset_token_present =
      ngtcp2_crypto_generate_stateless_reset_token(
          parameters.stateless_reset_token,
          reinterpret_cast<const std::uint8_t*>(secrets.stateless_reset.data()),
          secrets.stateless_reset.size(), &scid) == 0;
  const int outcome =
      ngtcp2_conn_server_new(&quic.conn, &header.scid, &scid, &quic.path.path, header.version,
                             &server_callbacks(), &settings, &parameters, nullptr, connection.get());
  if (outcome != 0) return std::unexpected(ngtcp2_failure("cannot accept a connection", outcome));
  quic.finish_setup();

  Connection* added = connection.get();
  connections.emplace(added, std::move(connection));
  gate->began(from, original_dcid != nullptr);
  ++counters.connections_accepted;
  add_route(local_id, *added);
  add_route(from_ngtcp2(header.dcid), *added);
  if (options.on_connection) options.on_connection(*added);
  return added;
}

void Endpoint::stop_accepting() { state_->accepting = false; }

void Endpoint::close_all(std::uint64_t code, const std::string& reason) {
  for (auto& [connection, owned] : state_->connections) connection->close(code, reason);
}

void Endpoint::repeat_last_words() {
  for (const State::Grave& grave : state_->graves)
    state_->reply_statelessly(grave.connection->quic_->last_words, grave.connection->remote());
}

void Endpoint::inject(Bytes datagram, const io::Address& from) {
  state_->on_datagram(datagram, from, 0, true);
  state_->deliver_events();
}

void Endpoint::flush() { state_->end_of_turn(); }

const io::Address& Endpoint::local() const { return state_->socket->local(); }
bool Endpoint::steered() const { return state_->socket->steered(); }
io::SocketBuffers Endpoint::granted_buffers() const { return state_->socket->granted_buffers(); }
std::size_t Endpoint::connection_count() const { return state_->connections.size(); }
bool Endpoint::idle() const {
  return state_->connections.empty() && state_->dirty.empty() && state_->heard.empty() &&
         state_->flusher.open();
}
const EndpointCounters& Endpoint::counters() const { return state_->counters; }
io::Loop& Endpoint::loop() { return state_->loop; }

}  // namespace felix::transport
