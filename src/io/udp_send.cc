#include <algorithm>
#include <cstring>
#include <errno.h>
#include <netinet/udp.h>

#include "base/contract.h"
#include "io/udp_socket.h"

namespace felix::io {
namespace {

// What the kernel takes in one batch: the batch is one UDP datagram until it is cut, and IPv4's largest
// payload is the smaller of the two. Above it every send fails for ever.
constexpr std::size_t kMaxBatchBytes = 65507;
constexpr std::size_t kMaxBatchSegments = 64;
// After a refused batch this many datagrams go alone before batches are tried again: the refusal may have
// come from a route or an offload setting that has changed since.
constexpr std::uint32_t kSendsWithoutGso = 4096;

// Control messages of one send: the ECN mark and the segment size.
class SendControl {
 public:
  template <class T>
  void add(int level, int type, T value) {
    cmsghdr header{};
    header.cmsg_level = level;
    header.cmsg_type = type;
    header.cmsg_len = CMSG_LEN(sizeof(T));
    FELIX_ASSERT(used_ + CMSG_SPACE(sizeof(T)) <= sizeof(bytes_));
    std::memcpy(bytes_ + used_, &header, sizeof(header));
    std::memcpy(bytes_ + used_ + CMSG_LEN(0), &value, sizeof(value));
    used_ += CMSG_SPACE(sizeof(T));
  }
  void attach_to(msghdr& message) {
    message.msg_control = used_ > 0 ? bytes_ : nullptr;
    message.msg_controllen = used_;
  }

 private:
  alignas(cmsghdr) std::byte bytes_[64]{};
  std::size_t used_ = 0;
};

bool goes_over_v4(const Address& to) {
  if (to.family() == AF_INET) return true;
  return IN6_IS_ADDR_V4MAPPED(&reinterpret_cast<const sockaddr_in6*>(to.raw())->sin6_addr);
}

// Refusals that single datagrams may not meet: an offload that is off, a route or device that cannot cut, no
// memory for so much in one piece.
bool is_about_the_batch(int refused) {
  return refused == EMSGSIZE || refused == EINVAL || refused == EIO || refused == ENOBUFS;
}

}  // namespace

int UdpSocket::send_once(const Address& to, std::uint8_t ecn, Bytes bytes, std::size_t segment_bytes) {
  if (refuse_send_) {
    if (const int refused = refuse_send_(bytes.size(), segment_bytes); refused != 0) return refused;
  }
  SendControl control;
  if (ecn != 0) {
    if (goes_over_v4(to)) {
      control.add(IPPROTO_IP, IP_TOS, int{ecn});
    } else {
      control.add(IPPROTO_IPV6, IPV6_TCLASS, int{ecn});
    }
  }
  if (segment_bytes != 0) control.add(SOL_UDP, UDP_SEGMENT, static_cast<std::uint16_t>(segment_bytes));
  iovec part{const_cast<std::byte*>(bytes.data()), bytes.size()};
  msghdr message{};
  message.msg_name = const_cast<sockaddr*>(to.raw());
  message.msg_namelen = to.length();
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  control.attach_to(message);
  ssize_t sent = -1;
  do {
    sent = sendmsg(fd_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent < 0 ? errno : 0;
}

UdpSocket::Sent UdpSocket::send(const Address& to, std::uint8_t ecn, Bytes bytes, std::size_t segment_bytes,
                                std::size_t& sent_bytes) {
  FELIX_ASSERT(segment_bytes > 0);
  const std::size_t segments = std::min(kMaxBatchSegments, kMaxBatchBytes / segment_bytes);
  sent_bytes = 0;
  bool retried = false;
  bool fell_back = false;  // with the datagram that is next
  while (sent_bytes < bytes.size()) {
    const std::size_t rest = bytes.size() - sent_bytes;
    const bool batch = gso_ && segments > 1 && rest > segment_bytes;
    const std::size_t size = std::min(rest, batch ? segments * segment_bytes : segment_bytes);
    const int refused = send_once(to, ecn, bytes.subspan(sent_bytes, size), batch ? segment_bytes : 0);
    if (refused == EAGAIN || refused == EWOULDBLOCK) return Sent::blocked;
    if (batch && is_about_the_batch(refused)) {
      gso_ = false;
      sends_until_gso_again_ = kSendsWithoutGso;
      fell_back = true;
      continue;
    }
    // An ICMP answer to an earlier datagram, reported once and not about this one: try again.
    if (refused == ECONNREFUSED && !std::exchange(retried, true)) continue;
    // ENOBUFS and ECONNREFUSED lost this datagram; the network may do that at any time.
    if (refused != 0 && refused != ENOBUFS && refused != ECONNREFUSED) {
      if (fell_back) gso_ = true;  // it was not for being a batch
      return Sent::refused;
    }
    fell_back = false;
    sent_bytes += size;
    if (!gso_ && --sends_until_gso_again_ == 0) gso_ = true;
  }
  return Sent::all;
}

}  // namespace felix::io
