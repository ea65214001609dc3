#include "io/udp_steering.h"

#include <linux/filter.h>
#include <sys/socket.h>

namespace felix::io {
namespace {

// QUIC invariants (RFC 8999): the top bit of byte 0 is the header form; a long header has version (1..4),
// id length (5) and the id from byte 6; a short header has the id from byte 1.
constexpr std::uint32_t kLongForm = 0x80;
constexpr std::uint32_t kLongIdAt = 6;
constexpr std::uint32_t kShortIdAt = 1;

}  // namespace

std::uint32_t steer_to(Bytes datagram, std::uint32_t reactor_count) {
  if (datagram.empty()) return 0;
  const bool long_form = (std::to_integer<std::uint32_t>(datagram[0]) & kLongForm) != 0;
  const std::size_t at = long_form ? kLongIdAt : kShortIdAt;
  return at < datagram.size() ? std::to_integer<std::uint32_t>(datagram[at]) % reactor_count : 0;
}

bool attach_steering(int fd, std::uint32_t reactor_count) {
  // A load behind the end of the packet ends the program with 0.
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, kLongForm, 0, 2),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kLongIdAt),
      BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kShortIdAt),
      BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, reactor_count),
      BPF_STMT(BPF_RET | BPF_A, 0),
  };
  const sock_fprog filter{.len = static_cast<unsigned short>(std::size(program)), .filter = program};
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &filter, sizeof(filter)) == 0;
}

}  // namespace felix::io
