#include "transport/loopback.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/pki.h"
#include "crypto/random.h"
#include "crypto/tls_context.h"

namespace felix::test {

Loopback::Loopback(LoopbackOptions given) : options(std::move(given)) {
  const auto validity = crypto::validity_from(clock.wall_now(), std::chrono::hours(1));
  const auto ca = crypto::generate_ca("test authority", validity).value();
  const auto other = crypto::generate_ca("another authority", validity).value();
  crypto::TlsServerOptions server_options;
  server_options.identity =
      crypto::issue_server_certificate(ca, {{"localhost"}, {"127.0.0.1"}}, validity).value();
  server_options.require_alpn = options.require_alpn;
  server_tls = crypto::TlsServerContext::create(server_options, clock.wall_now()).value();
  crypto::TlsClientOptions client_options;
  client_options.ca = options.trust ? ca.certificate_chain : other.certificate_chain;
  client_options.server_name = options.client_server_name;
  client_options.offer_alpn = !options.client_alpn.empty();
  if (client_options.offer_alpn) client_options.alpn = options.client_alpn;
  client_tls = crypto::TlsClientContext::create(client_options, clock.wall_now()).value();

  loop = io::Loop::create(clock).value();
  crypto::random_bytes(secrets_.stateless_reset);
  crypto::random_bytes(secrets_.address_token);
  open_server(io::Address::parse("127.0.0.1:0").value());
  client = transport::Endpoint::client(*loop, AF_INET, options.client_udp).value();
}

Loopback::~Loopback() = default;

void Loopback::restart_server() {
  const io::Address address = server->local();
  server.reset();
  server_connection = nullptr;
  open_server(address);
}

void Loopback::open_server(const io::Address& address) {
  transport::ListenOptions listen;
  listen.transport = options.server;
  listen.tls = [this] { return server_tls; };
  listen.admit = options.admit;
  listen.handshakes = options.handshakes;
  listen.secrets = secrets_;
  listen.on_connection = [this](transport::Connection& connection) {
    server_connection = &connection;
    transport::ConnectionEvents events;
    events.on_ready = [this] { server_ready = true; };
    events.on_channel = [this](transport::Channel& channel) { hear(channel, at_server[channel.id()]); };
    events.on_closed = [this](const transport::CloseReason& reason) {
      server_connection = nullptr;
      server_closed = std::make_unique<transport::CloseReason>(reason);
    };
    connection.set_events(std::move(events));
  };
  server = transport::Endpoint::listen(*loop, address, std::move(listen)).value();
}

transport::Connection& Loopback::connect() { return connect(server->local()); }

transport::Connection& Loopback::connect(const io::Address& to) {
  transport::ConnectionEvents events;
  events.on_ready = [this] { client_ready = true; };
  events.on_channel = [this](transport::Channel& channel) { hear(channel, at_client[channel.id()]); };
  events.on_closed = [this](const transport::CloseReason& reason) {
    client_closed = std::make_unique<transport::CloseReason>(reason);
  };
  return *client->connect(to, {options.client, client_tls}, std::move(events)).value();
}

void Loopback::until(const std::function<bool()>& done) {
  REQUIRE(loop->run_until(done, clock.now() + std::chrono::seconds(20)));
}

Heard& Loopback::listen(transport::Channel& channel) {
  Heard& heard = at_client[channel.id()];
  hear(channel, heard);
  return heard;
}

void Loopback::hear(transport::Channel& channel, Heard& heard) {
  heard.channel = &channel;
  transport::ChannelEvents events;
  events.on_bytes = [&heard](Bytes bytes) { heard.bytes += as_text(bytes); };
  events.on_readable = [&heard, &channel, taken = std::size_t{0}]() mutable {
    if (heard.consume) channel.consume(heard.bytes.size() - std::exchange(taken, heard.bytes.size()));
    heard.finished = channel.peer_finished();
    heard.reset = channel.peer_reset();
  };
  events.on_closed = [&heard] { heard.closed = true; };
  channel.set_events(std::move(events));
}

}  // namespace felix::test
