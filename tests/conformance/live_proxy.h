#pragma once
// A broker that breaks one promise: it stands between a client and a true broker and changes frames on their
// way. Runs in the test's own loop.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/dialer.h"
#include "client/options.h"
#include "crypto/tls_context.h"
#include "io/loop.h"
#include "transport/endpoint.h"

namespace felix::conformance::test {

struct PassingFrame {
  bool to_client = false;
  bool uni = false;       // of an event stream, or a publish-only one
  std::size_t index = 0;  // of its stream and direction, from 0: `auth` and its answer
  std::uint16_t flags = 0;
  std::vector<std::byte> payload{};
};

class Proxy {
 public:
  // What goes on in place of a frame: nothing, itself, others. Frames that break the envelope pass untouched.
  using Tamper = std::function<std::vector<PassingFrame>(PassingFrame)>;
  // Frames the broker never sent, between its last one and the end of a stream.
  using LastWords = std::function<std::vector<PassingFrame>()>;

  // `upstream` outlives the proxy.
  Proxy(io::Loop& loop, const client::ConnectOptions& upstream, Tamper tamper, LastWords last_words = {});
  ~Proxy();

  // Options like `upstream`, but to the proxy.
  client::ConnectOptions client_options() const;

 private:
  struct Half;
  struct Pair;
  struct Link;
  void on_connection(transport::Connection& connection);

  io::Loop& loop_;
  const client::ConnectOptions& upstream_;
  Tamper tamper_;
  LastWords last_words_;
  std::vector<std::unique_ptr<Link>> links_;
  std::shared_ptr<const crypto::TlsServerContext> tls_;
  std::unique_ptr<transport::Endpoint> endpoint_;
};

}  // namespace felix::conformance::test
