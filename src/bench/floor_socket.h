#pragma once
// A blocking UDP socket on 127.0.0.1 for the floor probes: the plainest way to move a datagram, without
// anything of Felix. Reads give up after 100 ms so that a probe always ends.

#include <cstdint>
#include <span>

#include "base/error.h"

namespace felix::bench {

class FloorSocket {
 public:
  static Result<FloorSocket> open();
  FloorSocket(FloorSocket&& other) noexcept;
  FloorSocket& operator=(FloorSocket&& other) noexcept;
  ~FloorSocket();

  int fd() const { return fd_; }
  std::uint16_t port() const { return port_; }
  // From now on send() goes there and only datagrams from there are received.
  Status connect(std::uint16_t port);

  // False when the datagram could not be sent.
  bool send(std::span<const std::byte> bytes);
  // Bytes of the next datagram; 0 after 100 ms without one.
  std::size_t receive(std::span<std::byte> buffer);

 private:
  FloorSocket() = default;
  int fd_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace felix::bench
