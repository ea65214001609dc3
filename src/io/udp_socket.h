#pragma once
// A non-blocking UDP socket that receives and sends in batches: recvmmsg with GRO, sendmsg with GSO, ECN
// marks both ways, path-MTU discovery on (no fragmentation). Lives on one thread.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "io/address.h"

namespace felix::io {

// What the kernel holds for a socket.
struct SocketBuffers {
  std::size_t receive_bytes = 0;
  std::size_t send_bytes = 0;
};

struct UdpOptions {
  SocketBuffers buffers{8u << 20, 8u << 20};  // asked for: the system may grant less
  bool reuse_port = false;                    // several sockets on one port (one a reactor)
  std::uint32_t reactor_count = 1;  // > 1: attach the classic BPF program that steers by the first byte of
                                    // the destination connection id, modulo this count
  bool steer = true;                // off: as on a kernel that refuses that program
  // Asked before each send of `bytes` as datagrams of `segment_bytes` (0: as one): the errno it is to fail
  // with, as on a kernel, driver or route that refuses it; 0 lets it pass. Empty: all pass.
  std::function<int(std::size_t bytes, std::size_t segment_bytes)> refuse_send{};
};

// One datagram as received; GRO trains are cut up before they get here.
struct Datagram {
  Bytes bytes;  // valid until the next receive()
  const Address& from;
  std::uint8_t ecn;  // the two ECN bits
};

class UdpSocket {
 public:
  // Port 0 lets the system choose. The error names the address and, if in use, says so.
  static Result<std::unique_ptr<UdpSocket>> bind(const Address& local, const UdpOptions& options);
  ~UdpSocket();
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;

  int fd() const { return fd_; }
  // With the port that was really bound.
  const Address& local() const { return local_; }
  SocketBuffers granted_buffers() const { return granted_; }
  // False when the kernel refused the steering program: peers' packets may then reach any of the sockets.
  // Bind the sockets of one port in the order of their reactors: the kernel numbers them as they join.
  bool steered() const { return steered_; }

  // Receives until `max_datagrams` or about 1 MiB are reached (a GRO train is never split, so the last one
  // may pass it) and calls `on_datagram` for each. Returns how many; 0 when none waits. Errors that concern
  // one peer (ICMP) are swallowed.
  std::size_t receive(std::size_t max_datagrams, const std::function<void(const Datagram&)>& on_datagram);

  // False while batches are refused and every datagram is sent alone.
  bool batches_sends() const { return gso_; }

  enum class Sent { all, blocked, refused };
  // Sends `bytes` as datagrams of `segment_bytes` (the last may be shorter), all to `to`. `blocked`: nothing
  // of the rest was sent, wait for writability; `sent_bytes` says how far it got (whole segments). A batch
  // that is refused (EMSGSIZE, EINVAL, EIO, ENOBUFS) goes as single datagrams, and so does what follows for a
  // while. `refused`: this destination or size cannot be sent to; drop.
  Sent send(const Address& to, std::uint8_t ecn, Bytes bytes, std::size_t segment_bytes,
            std::size_t& sent_bytes);

 private:
  UdpSocket();
  struct ReceiveRing;
  // 0 when sent, else errno. `segment_bytes` 0: as one datagram.
  int send_once(const Address& to, std::uint8_t ecn, Bytes bytes, std::size_t segment_bytes);

  int fd_ = -1;
  Address local_;
  SocketBuffers granted_;
  bool steered_ = false;
  bool gso_ = true;
  std::uint32_t sends_until_gso_again_ = 0;
  std::function<int(std::size_t, std::size_t)> refuse_send_;
  std::unique_ptr<ReceiveRing> ring_;
};

}  // namespace felix::io
