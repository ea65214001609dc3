#pragma once
// A server and a client endpoint on one loop over loopback, with certificates made for the test.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "io/clock.h"
#include "io/loop.h"
#include "transport/endpoint.h"

namespace felix::test {

// Everything one end heard on one channel.
struct Heard {
  transport::Channel* channel = nullptr;
  std::string bytes;
  bool finished = false;
  bool reset = false;
  bool closed = false;
  bool consume = true;  // give received bytes back at once
};

struct LoopbackOptions {
  transport::TransportConfig server;
  transport::TransportConfig client;
  io::UdpOptions client_udp;
  std::string client_server_name = "localhost";
  std::vector<std::string> client_alpn;  // empty: none is offered
  bool require_alpn = false;
  bool trust = true;  // the client knows the server's authority
  transport::HandshakeLimits handshakes;
  std::function<bool(const io::Address&)> admit;
};

class Loopback {
 public:
  explicit Loopback(LoopbackOptions options = {});
  ~Loopback();

  // Starts a connection; its events end up in the fields below.
  transport::Connection& connect();
  // The same, by way of another address.
  transport::Connection& connect(const io::Address& to);
  // The same port and secrets, and no memory of anything.
  void restart_server();
  // Turns the loop until `done`; fails the test after twenty seconds.
  void until(const std::function<bool()>& done);
  // Listens to a channel of the client.
  Heard& listen(transport::Channel& channel);

  io::SystemClock clock;
  std::unique_ptr<io::Loop> loop;
  // What new connections are made with.
  std::shared_ptr<const crypto::TlsServerContext> server_tls;
  std::shared_ptr<const crypto::TlsClientContext> client_tls;
  std::unique_ptr<transport::Endpoint> server;
  std::unique_ptr<transport::Endpoint> client;
  LoopbackOptions options;

  transport::Connection* server_connection = nullptr;
  std::map<std::int64_t, Heard> at_server;  // by channel
  std::map<std::int64_t, Heard> at_client;
  bool client_ready = false;
  bool server_ready = false;
  std::unique_ptr<transport::CloseReason> client_closed;
  std::unique_ptr<transport::CloseReason> server_closed;

 private:
  void open_server(const io::Address& address);
  void hear(transport::Channel& channel, Heard& heard);
  transport::EndpointSecrets secrets_;
};

}  // namespace felix::test
