#pragma once
// The callbacks of a QUIC client that has nothing of the product: ngtcp2 and its TLS helper alone.

#include <ngtcp2/ngtcp2.h>

namespace felix::test {

ngtcp2_callbacks plain_client_callbacks();
// Sixteen random bytes.
ngtcp2_cid random_connection_id();

}  // namespace felix::test
