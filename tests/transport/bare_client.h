#pragma once
// A QUIC client without the manners of transport::Connection: what ngtcp2 allows, it does.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>

#include "base/bytes.h"
#include "crypto/tls_session.h"
#include "io/loop.h"
#include "io/udp_socket.h"

namespace felix::test {

class BareClient {
 public:
  // Starts a handshake with `server`.
  BareClient(io::Loop& loop, const io::Address& server, crypto::TlsSession tls);
  ~BareClient();
  BareClient(const BareClient&) = delete;
  BareClient& operator=(const BareClient&) = delete;

  bool ready() const { return ready_; }
  // Sends `message` as a TLS message under the keys of the finished handshake: now, or in one breath with the
  // handshake's last.
  void send_tls(Bytes message);
  void send_tls_with_finished(Bytes message) { last_words_.assign(message.begin(), message.end()); }
  // The transport error of the server's CONNECTION_CLOSE, once it came.
  std::optional<std::uint64_t> closed_with() const { return closed_with_; }

 private:
  void receive();
  void write();

  io::Loop& loop_;
  io::Address server_;
  std::unique_ptr<io::UdpSocket> socket_;
  crypto::TlsSession tls_;
  ngtcp2_conn* conn_ = nullptr;
  ngtcp2_crypto_conn_ref ref_{};
  bool ready_ = false;
  std::vector<std::byte> last_words_;
  std::optional<std::uint64_t> closed_with_;
  std::unique_ptr<io::Watch> watch_;
};

}  // namespace felix::test
