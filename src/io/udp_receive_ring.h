#pragma once
// Where a UdpSocket's datagrams land: slots of 64 KiB, so that a whole GRO train fits, in memory that is only
// reserved until a datagram touches it.

#include <array>
#include <cstddef>
#include <sys/socket.h>

#include "io/udp_socket.h"

namespace felix::io {

struct UdpSocket::ReceiveRing {
  static constexpr std::size_t kSlots = 16;
  static constexpr std::size_t kSlotBytes = 64 << 10;

  ReceiveRing();
  ~ReceiveRing();
  ReceiveRing(const ReceiveRing&) = delete;
  ReceiveRing& operator=(const ReceiveRing&) = delete;

  // Fills up to `slots` slots from `fd` without waiting; how many were filled.
  std::size_t fill(int fd, std::size_t slots);
  // Bytes in slot `index`.
  std::size_t size(std::size_t index) const { return messages_[index].msg_len; }
  // Cuts slot `index` up by its segment size; how many datagrams it held.
  std::size_t deliver(std::size_t index, const std::function<void(const Datagram&)>& on_datagram);

  // Datagrams of the longest train of the last fill: how many slots the next one may ask for.
  std::size_t train_length = 1;

 private:
  struct Control {
    alignas(cmsghdr) std::array<std::byte, 128> bytes;
  };
  std::byte* memory_;
  std::array<mmsghdr, kSlots> messages_{};
  std::array<iovec, kSlots> parts_{};
  std::array<sockaddr_storage, kSlots> peers_{};
  std::array<Control, kSlots> controls_{};
};

}  // namespace felix::io
