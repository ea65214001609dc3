#pragma once
// Writes what the connections of one endpoint have to say: packets of equal size go to the kernel as one
// train.

#include <cstdint>
#include <memory>

#include "base/time.h"
#include "io/udp_socket.h"
#include "transport/config.h"

namespace felix::transport {

class Connection;
struct EndpointCounters;

class Flusher {
 public:
  Flusher(io::UdpSocket& socket, EndpointCounters& counters);

  // False while the socket refuses more: nothing can be flushed until on_writable().
  bool open() const { return blocked_bytes_ == 0; }
  // Sends what was left over; true when the socket took all of it.
  bool on_writable();

  enum class Progress { done, more };  // more: the connection's share of this turn is used up
  // Writes packets of `connection` until it has nothing to say, may not say more, or had its share.
  Progress flush(Connection& connection, MonoTime now);
  // Writes the CONNECTION_CLOSE of `connection` and keeps a copy of it as its last words.
  void write_close(Connection& connection, MonoTime now);
  // One packet outside any connection or from the grave.
  void send_alone(const io::Address& to, Bytes packet);

 private:
  bool send_train();

  io::UdpSocket& socket_;
  EndpointCounters& counters_;
  std::unique_ptr<std::byte[]> buffer_;
  std::size_t used_ = 0;
  std::size_t segment_ = 0;
  std::uint8_t ecn_ = 0;
  std::size_t blocked_bytes_ = 0;  // at the start of buffer_, waiting for the socket
  io::Address to_;                 // of the train in buffer_
};

}  // namespace felix::transport
