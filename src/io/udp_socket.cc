#include "io/udp_socket.h"

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>
#include <unistd.h>
#include <utility>

#include "io/udp_receive_ring.h"
#include "io/udp_steering.h"

namespace felix::io {
namespace {

bool set_option(int fd, int level, int name, int value) {
  return setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

std::size_t buffer_bytes(int fd, int name) {
  int bytes = 0;
  socklen_t length = sizeof(bytes);
  getsockopt(fd, SOL_SOCKET, name, &bytes, &length);
  return static_cast<std::size_t>(bytes) / 2;  // the kernel reports twice what it gives to data
}

// Past the system's limit when we may, at the limit otherwise. Returns what was granted.
std::size_t ask_for_buffer(int fd, int forced_name, int name, std::size_t wanted_bytes) {
  for (std::size_t bytes = wanted_bytes; bytes > 0; bytes /= 2) {
    if (set_option(fd, SOL_SOCKET, forced_name, static_cast<int>(bytes))) break;
    if (set_option(fd, SOL_SOCKET, name, static_cast<int>(bytes))) break;
  }
  return buffer_bytes(fd, name);
}

Error bind_error(const Address& local, int reason) {
  std::string context = "UDP " + local.to_string() + ": " + strerror(reason);
  Errc code = Errc::unavailable;
  switch (reason) {
    case EADDRINUSE:
      context += "; another process has this port: stop it or choose another port";
      break;
    case EADDRNOTAVAIL:
      context += "; no interface of this host has this address";
      break;
    case EACCES:
      context += "; choose a port above 1023 or run with CAP_NET_BIND_SERVICE";
      break;
    case EAFNOSUPPORT:
      context += "; this host has no such protocol: use an address of the other family";
      break;
    default:
      code = Errc::internal;
  }
  return Error{code, std::move(context)};
}

void set_quic_options(int fd, int family) {
  // Each is best effort: without GRO, ECN or path-MTU discovery packets still flow. A dual-stack socket takes
  // the options of both families.
  set_option(fd, SOL_UDP, UDP_GRO, 1);
  set_option(fd, IPPROTO_IP, IP_RECVTOS, 1);
  set_option(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
  if (family == AF_INET6) {
    set_option(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
    set_option(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
  }
}

}  // namespace

UdpSocket::UdpSocket() : ring_(std::make_unique<ReceiveRing>()) {}

UdpSocket::~UdpSocket() {
  if (fd_ >= 0) close(fd_);
}

Result<std::unique_ptr<UdpSocket>> UdpSocket::bind(const Address& local, const UdpOptions& options) {
  std::unique_ptr<UdpSocket> udp(new UdpSocket());
  udp->refuse_send_ = options.refuse_send;
  udp->fd_ = socket(local.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (udp->fd_ < 0) return std::unexpected(bind_error(local, errno));
  const int fd = udp->fd_;

  if (local.family() == AF_INET6) set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (options.reuse_port && !set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1))
    return std::unexpected(bind_error(local, errno));
  set_quic_options(fd, local.family());
  udp->granted_ = {ask_for_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, options.buffers.receive_bytes),
                   ask_for_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, options.buffers.send_bytes)};

  if (::bind(fd, local.raw(), local.length()) != 0) return std::unexpected(bind_error(local, errno));
  sockaddr_storage bound{};
  socklen_t length = sizeof(bound);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &length) != 0)
    return std::unexpected(bind_error(local, errno));
  udp->local_ = Address(reinterpret_cast<const sockaddr*>(&bound), length);

  if (options.reactor_count > 1 && options.steer) udp->steered_ = attach_steering(fd, options.reactor_count);
  return udp;
}

}  // namespace felix::io
