#include <algorithm>
#include <cstring>
#include <errno.h>
#include <netinet/udp.h>
#include <new>
#include <sys/mman.h>

#include "io/udp_receive_ring.h"

namespace felix::io {
namespace {

// Bytes after which a call ends, however few datagrams they came in: a turn serves others too.
constexpr std::size_t kBytesPerCall = std::size_t{1} << 20;

template <class T>
T control_value(cmsghdr* header) {
  T value{};
  std::memcpy(&value, CMSG_DATA(header), sizeof(T));
  return value;
}

struct Marks {
  std::uint8_t ecn = 0;
  std::size_t segment_bytes = 0;  // 0: not a train
};

Marks marks_of(msghdr& message) {
  Marks marks;
  for (cmsghdr* at = CMSG_FIRSTHDR(&message); at != nullptr; at = CMSG_NXTHDR(&message, at)) {
    if (at->cmsg_level == SOL_UDP && at->cmsg_type == UDP_GRO) {
      marks.segment_bytes = static_cast<std::size_t>(std::max(control_value<int>(at), 0));
    } else if (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_TOS) {
      marks.ecn = control_value<std::uint8_t>(at) & 3;
    } else if (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_TCLASS) {
      marks.ecn = static_cast<std::uint8_t>(control_value<int>(at) & 3);
    }
  }
  return marks;
}

}  // namespace

UdpSocket::ReceiveRing::ReceiveRing() {
  void* mapped = mmap(nullptr, kSlots * kSlotBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  memory_ = static_cast<std::byte*>(mapped);
  // A huge page would make one small datagram touch 2 MiB.
  madvise(mapped, kSlots * kSlotBytes, MADV_NOHUGEPAGE);
  for (std::size_t i = 0; i < kSlots; ++i) parts_[i] = {memory_ + i * kSlotBytes, kSlotBytes};
}

UdpSocket::ReceiveRing::~ReceiveRing() { munmap(memory_, kSlots * kSlotBytes); }

std::size_t UdpSocket::ReceiveRing::fill(int fd, std::size_t slots) {
  for (std::size_t i = 0; i < slots; ++i) {
    msghdr& header = messages_[i].msg_hdr;
    header.msg_name = &peers_[i];
    header.msg_namelen = sizeof(peers_[i]);
    header.msg_iov = &parts_[i];
    header.msg_iovlen = 1;
    header.msg_control = controls_[i].bytes.data();
    header.msg_controllen = controls_[i].bytes.size();
    header.msg_flags = 0;
  }
  int count = -1;
  do {
    count = recvmmsg(fd, messages_.data(), static_cast<unsigned>(slots), MSG_DONTWAIT, nullptr);
  } while (count < 0 && errno == EINTR);
  return count < 0 ? 0 : static_cast<std::size_t>(count);
}

std::size_t UdpSocket::ReceiveRing::deliver(std::size_t index,
                                            const std::function<void(const Datagram&)>& on_datagram) {
  msghdr& header = messages_[index].msg_hdr;
  const Bytes received(memory_ + index * kSlotBytes, messages_[index].msg_len);
  const Marks marks = marks_of(header);
  const Address from(reinterpret_cast<const sockaddr*>(&peers_[index]), header.msg_namelen);
  const std::size_t step = marks.segment_bytes > 0 ? marks.segment_bytes : kSlotBytes;
  std::size_t count = 0;
  std::size_t at = 0;
  do {
    const std::size_t size = std::min(step, received.size() - at);
    on_datagram({received.subspan(at, size), from, marks.ecn});
    at += size;
    ++count;
  } while (at < received.size());
  return count;
}

std::size_t UdpSocket::receive(std::size_t max_datagrams,
                               const std::function<void(const Datagram&)>& on_datagram) {
  std::size_t received = 0;
  std::size_t bytes = 0;
  while (received < max_datagrams && bytes < kBytesPerCall) {
    const std::size_t slots =
        std::clamp<std::size_t>((max_datagrams - received) / ring_->train_length, 1, ReceiveRing::kSlots);
    const std::size_t filled = ring_->fill(fd_, slots);
    if (filled > 0) ring_->train_length = 1;
    for (std::size_t i = 0; i < filled; ++i) {
      const std::size_t length = ring_->deliver(i, on_datagram);
      ring_->train_length = std::max(ring_->train_length, length);
      received += length;
      bytes += ring_->size(i);
    }
    if (filled < slots) break;
  }
  return received;
}

}  // namespace felix::io
