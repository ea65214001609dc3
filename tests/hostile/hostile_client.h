#pragma once
// A QUIC client that finishes an honest handshake and then says whatever it is told to, packet by packet:
// nothing is acknowledged, repeated, paced or checked.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>

#include "crypto/tls_session.h"
#include "hostile/frames.h"
#include "hostile/packet_keys.h"
#include "io/loop.h"
#include "io/udp_socket.h"

namespace felix::test {

class HostileClient {
 public:
  // Starts a handshake with `server`; the loop carries it on.
  HostileClient(io::Loop& loop, const io::Address& server, crypto::TlsSession tls,
                const io::Address& local = io::Address::parse("127.0.0.1:0").value());
  ~HostileClient();
  HostileClient(const HostileClient&) = delete;
  HostileClient& operator=(const HostileClient&) = delete;

  // The handshake is confirmed: send() may be called.
  bool ready() const { return ready_; }
  // One packet with these frames, at most 1400 bytes of them. False when the socket would not take it.
  bool send(std::string_view frames);
  // The packet alone, for somebody else to send.
  std::string seal(std::string_view frames);
  // Goes on from another port.
  void move();
  // How many unidirectional streams the server lets us open.
  std::uint64_t uni_streams() const;
  // The next packet's number.
  std::uint32_t packet_number() const { return packet_number_; }

  // Everything said to us since ready().
  const frames::Heard& heard() const { return heard_; }
  // The highest number among the packets that said it; what an acknowledgement may name.
  std::uint64_t largest_heard() const { return largest_heard_; }
  std::uint64_t heard_packets() const { return heard_packets_; }
  const std::optional<frames::Close>& close() const { return heard_.close; }
  std::uint64_t received_bytes() const { return received_bytes_; }

 private:
  struct Keys;
  void listen();
  void receive();
  void write();
  void read_raw(Bytes datagram);

  io::Loop& loop_;
  io::Address server_;
  std::unique_ptr<io::UdpSocket> socket_;
  crypto::TlsSession tls_;
  std::unique_ptr<Keys> keys_;
  ngtcp2_conn* conn_ = nullptr;
  ngtcp2_crypto_conn_ref ref_{};
  bool confirmed_ = false;
  bool ready_ = false;
  std::string header_;  // of our packets
  std::uint32_t packet_number_ = 0;
  frames::Heard heard_;
  std::uint64_t largest_heard_ = 0;
  std::uint64_t heard_packets_ = 0;
  std::uint64_t received_bytes_ = 0;
  std::unique_ptr<io::Watch> watch_;
};

}  // namespace felix::test
