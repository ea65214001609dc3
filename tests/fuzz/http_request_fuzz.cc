// Whatever is sent to the HTTP port, its handler sees only what message.h promises, what is answered is HTTP,
// and the server answers the next request. Input: the bytes a client sends on one connection before it ends
// its side.

#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "http/server.h"

namespace {

using namespace felix;

http::Response answer(const http::Request& request) {
  FELIX_ASSERT(request.method == "GET" || request.method == "HEAD");
  if (request.path == "/live") return {.body = "ok\n"};
  return http::not_found(request);
}

const http::Server& server() {
  static const auto one =
      http::Server::start({.bind = io::Address::parse("127.0.0.1:0").value(), .tls = std::nullopt}, answer)
          .value();
  return *one;
}

// What the server says until it ends the connection, or falls silent: it may be waiting for the rest of a
// request.
std::string ask(std::string_view bytes, timeval patience) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  FELIX_ASSERT(fd >= 0);
  const linger at_once{1, 0};  // no port is kept waiting for what may still come
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  FELIX_ASSERT(::connect(fd, server().address().raw(), server().address().length()) == 0);
  (void)::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  ::shutdown(fd, SHUT_WR);
  std::string said;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::recv(fd, buffer, sizeof(buffer), 0)) > 0;) said.append(buffer, buffer + got);
  ::close(fd);
  return said;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string said = ask(as_text(fuzz::input(data, size)), {0, 100'000});
  FELIX_ASSERT(said.empty() || said.starts_with("HTTP/1."));
  FELIX_ASSERT(ask("GET /live HTTP/1.0\r\n\r\n", {20, 0}).ends_with("\r\n\r\nok\n"));
  return 0;
}
