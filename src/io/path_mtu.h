#pragma once
// What the way to a peer can carry, as far as this host knows.

#include <cstddef>

#include "io/address.h"

namespace felix::io {

// Bytes of the largest UDP payload that leaves this host towards `to` in one piece: what its route allows,
// less the headers. 0 when there is no route. A later hop may carry less.
std::size_t largest_payload_towards(const Address& to);

}  // namespace felix::io
