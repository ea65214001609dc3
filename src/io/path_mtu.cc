#include "io/path_mtu.h"

#include <algorithm>
#include <unistd.h>

namespace felix::io {
namespace {

// Of IPv6 and UDP; IPv4 takes less.
constexpr int kHeaderBytes = 40 + 8;
// IPv4 counts header and payload in 16 bits, whatever the interface could carry.
constexpr int kLargestPacket = 65535;

}  // namespace

std::size_t largest_payload_towards(const Address& to) {
  const int fd = socket(to.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return 0;
  int mtu = 0;
  socklen_t length = sizeof(mtu);
  const bool v6 = to.family() == AF_INET6;
  // Connecting a datagram socket sends nothing: it looks the route up.
  const bool known =
      connect(fd, to.raw(), to.length()) == 0 &&
      getsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_MTU : IP_MTU, &mtu, &length) == 0;
  close(fd);
  return known ? static_cast<std::size_t>(std::max(std::min(mtu, kLargestPacket) - kHeaderBytes, 0)) : 0;
}

}  // namespace felix::io
