#pragma once
// A listening TCP socket, made here rather than by the library so that a refusal says why.

#include "base/error.h"
#include "io/address.h"

namespace felix::http {

struct ListenSocket {
  int fd = -1;          // the caller's to close
  io::Address address;  // as bound: port 0 became a real one
};

// unavailable, naming the address and the remedy, when it cannot be had: in use, not this host's, or
// privileged.
Result<ListenSocket> listen_on(const io::Address& address);

}  // namespace felix::http
