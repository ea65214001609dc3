#pragma once
// Which of the sockets that share a port gets a QUIC packet: the first byte of its destination connection id,
// modulo the number of reactors. Endpoints choose connection ids accordingly.

#include <cstdint>

#include "base/bytes.h"

namespace felix::io {

// The reactor of a datagram; what is too short to have a connection id belongs to reactor 0.
std::uint32_t steer_to(Bytes datagram, std::uint32_t reactor_count);

// Makes the kernel apply steer_to() to the reuseport group of `fd`. False when it refuses.
bool attach_steering(int fd, std::uint32_t reactor_count);

}  // namespace felix::io
