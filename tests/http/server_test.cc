#include "http/server.h"

#include <atomic>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <gnutls/gnutls.h>

#include "crypto/pki.h"

namespace felix::http {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

io::Address loopback() { return io::Address::parse("127.0.0.1:0").value(); }

// A connection that gives up after ten seconds rather than hang a test.
class Peer {
 public:
  explicit Peer(const io::Address& address) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    connected_ = ::connect(fd_, address.raw(), address.length()) == 0;
  }
  ~Peer() { ::close(fd_); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  int fd() const { return fd_; }
  bool connected() const { return connected_; }
  void say(const std::string& text) { ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL); }
  // Everything until the server closes.
  std::string hear() {
    std::string heard;
    char block[4096];
    for (ssize_t count; (count = ::recv(fd_, block, sizeof block, 0)) > 0;)
      heard.append(block, static_cast<std::size_t>(count));
    return heard;
  }

 private:
  int fd_;
  bool connected_ = false;
};

std::string ask(const Server& server, const std::string& request_line, const std::string& headers = "") {
  Peer peer(server.address());
  REQUIRE(peer.connected());
  peer.say(request_line + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers + "\r\n");
  return peer.hear();
}

Response echo(const Request& request) {
  if (request.path == "/none") return not_found(request);
  std::string body = request.method + " " + request.path;
  for (const auto& [name, value] : request.query) body += " " + name + "=" + value;
  return {200, "text/x-echo", body};
}

std::unique_ptr<Server> echo_server() { return Server::start({.bind = loopback(), .tls = {}}, echo).value(); }

TEST_CASE("a GET is answered with the handler's status, type and body") {
  const auto server = echo_server();
  const std::string answer = ask(*server, "GET /a%20b?x=1&flag&y=%2F");
  CHECK_THAT(answer, StartsWith("HTTP/1.1 200 "));
  CHECK_THAT(answer, ContainsSubstring("Content-Type: text/x-echo\r\n"));
  CHECK_THAT(answer, ContainsSubstring("\r\n\r\nGET /a b x=1 flag= y=/"));
  CHECK_THAT(ask(*server, "GET /none"), StartsWith("HTTP/1.1 404 "));
}

TEST_CASE("a HEAD gets the headers of the answer and no body") {
  const auto server = echo_server();
  const std::string answer = ask(*server, "HEAD /live");
  CHECK_THAT(answer, ContainsSubstring("Content-Length: 10\r\n"));
  CHECK(answer.ends_with("\r\n\r\n"));
}

TEST_CASE("other methods get 405 and the two that are allowed") {
  const auto server = echo_server();
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "BREW"}) {
    const std::string answer = ask(*server, std::string(method) + " /live", "Content-Length: 0\r\n");
    CHECK_THAT(answer, StartsWith("HTTP/1.1 405 "));
    CHECK_THAT(answer, ContainsSubstring("Allow: GET, HEAD\r\n"));
  }
  CHECK_THAT(ask(*server, "POST /live", "Content-Length: 99999999\r\n"), StartsWith("HTTP/1.1 405 "));
}

TEST_CASE("a request that is not HTTP, or too long, is refused without reaching the handler") {
  std::atomic<int> calls = 0;
  const auto server = Server::start({.bind = loopback(), .tls = {}}, [&](const Request& request) {
                        ++calls;
                        return echo(request);
                      }).value();
  Peer peer(server->address());
  peer.say("\x16\x03\x01 garbage\r\n\r\n");
  CHECK_THAT(peer.hear(), !StartsWith("HTTP/1.1 2"));
  const std::string answer = ask(*server, "GET /" + std::string(100'000, 'x'));
  CHECK_THAT(answer, !StartsWith("HTTP/1.1 2"));
  CHECK(calls == 0);
  CHECK_THAT(ask(*server, "GET /still"), StartsWith("HTTP/1.1 200 "));
}

TEST_CASE("a connection over the limit waits for one to end") {
  const auto server =
      Server::start({.bind = loopback(), .tls = {}, .max_connections = 1, .idle_timeout_seconds = 1}, echo)
          .value();
  Peer idle(server->address());
  idle.say("GET ");
  const std::string answer = ask(*server, "GET /later");  // served once the idle one has timed out
  CHECK_THAT(answer, ContainsSubstring("GET /later"));
}

TEST_CASE("a large answer arrives whole") {
  const std::string body(3 << 20, 'm');
  const auto server = Server::start({.bind = loopback(), .tls = {}}, [&](const Request&) {
                        return Response{200, "text/plain", body};
                      }).value();
  CHECK(ask(*server, "GET /metrics").ends_with("\r\n\r\n" + body));
}

TEST_CASE("a port in use is named with what to do about it") {
  const auto server = echo_server();
  const auto second = Server::start({.bind = server->address(), .tls = {}}, echo);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == Errc::unavailable);
  CHECK_THAT(second.error().context,
             StartsWith("cannot listen for HTTP on " + server->address().to_string() + ": "));
  CHECK_THAT(second.error().context, ContainsSubstring("choose another port"));
}

TEST_CASE("a stopped server frees its port, even with a silent connection open") {
  auto server = echo_server();
  const io::Address address = server->address();
  Peer idle(address);
  REQUIRE(idle.connected());
  server.reset();
  CHECK(idle.hear().empty());
  CHECK_FALSE(Peer(address).connected());
  CHECK(Server::start({.bind = address, .tls = {}}, echo).has_value());
}

TEST_CASE("with an identity the server speaks TLS and refuses plain HTTP") {
  const WallTime now = std::chrono::system_clock::now();
  const auto ca = crypto::generate_ca("ca", crypto::validity_from(now, std::chrono::hours(1))).value();
  const auto life = crypto::validity_from(now, std::chrono::hours(1));
  const auto identity = crypto::issue_server_certificate(ca, {{"localhost"}, {}}, life).value();
  const auto server = Server::start({.bind = loopback(), .tls = identity}, echo).value();
  CHECK_THAT(ask(*server, "GET /live"), !StartsWith("HTTP/1.1 200"));

  Peer peer(server->address());
  auto session = crypto::TlsClientContext::create(
                     {.ca = ca.certificate_chain, .server_name = "localhost", .identity = {}}, now)
                     .value()
                     ->make_session(now)
                     .value();
  gnutls_transport_set_int(session.native(), peer.fd());
  REQUIRE(gnutls_handshake(session.native()) == 0);
  const std::string request = "GET /live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  REQUIRE(gnutls_record_send(session.native(), request.data(), request.size()) > 0);
  char answer[1024];
  const auto count = gnutls_record_recv(session.native(), answer, sizeof answer);
  REQUIRE(count > 0);
  CHECK_THAT(std::string(answer, static_cast<std::size_t>(count)), StartsWith("HTTP/1.1 200 "));

  auto mixed = identity;
  mixed.private_key = ca.private_key;
  const auto refused = Server::start({.bind = loopback(), .tls = mixed}, echo);
  REQUIRE_FALSE(refused.has_value());
  CHECK_THAT(refused.error().context, StartsWith("HTTPS: generated key: not the private key"));
}

}  // namespace
}  // namespace felix::http
