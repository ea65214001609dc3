#pragma once
// A small HTTP/1.1 server for health, metrics and administration: one thread of its own, GET and HEAD, every
// bound fixed at start. With a TLS identity it speaks HTTPS only.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

#include "base/error.h"
#include "crypto/tls_context.h"
#include "http/message.h"
#include "io/address.h"

namespace felix::http {

struct ServerOptions {
  io::Address bind;  // port 0: any free one
  std::optional<crypto::TlsIdentity> tls;
  unsigned max_connections = 64;                 // more are not accepted until one ends
  std::size_t max_connection_bytes = 32 * 1024;  // buffers of one: request line and headers must fit
  unsigned idle_timeout_seconds = 10;            // a connection that is silent for so long is closed
};

// Called on the server's thread, one request at a time; must be quick and must not throw. It answers 404 for
// a path it does not know.
using Handler = std::function<Response(const Request&)>;

class Server {
 public:
  // unavailable when the address cannot be had; tls_failed when the identity is unfit. Both name the remedy.
  static Result<std::unique_ptr<Server>> start(ServerOptions options, Handler handler);
  // Stops: the request being handled is finished, the port is free and no handler runs when it returns.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // As bound.
  const io::Address& address() const;

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// A 404 in the server's words.
Response not_found(const Request& request);

}  // namespace felix::http
