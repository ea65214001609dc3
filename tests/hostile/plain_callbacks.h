#pragma once
// The callbacks of a QUIC client that has nothing of the product: ngtcp2 and its TLS helper alone.

#include <ngtcp2/ngtcp2.h>

#include "io/loop.h"
#include "io/udp_socket.h"

namespace felix::test {

ngtcp2_callbacks plain_client_callbacks();
// Sixteen random bytes.
ngtcp2_cid random_connection_id();
// The loop's time as ngtcp2 counts it.
ngtcp2_tstamp timestamp(io::Loop& loop);
// Sends what `conn` has to say now, a packet a datagram.
void send_packets(ngtcp2_conn* conn, io::UdpSocket& socket, const io::Address& to, io::Loop& loop);

}  // namespace felix::test
