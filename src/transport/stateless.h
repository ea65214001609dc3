#pragma once
// Answers a server gives without keeping any state: to packets of unknown versions, unproven peers, refused
// peers, and connections it has forgotten. Each returns the packet to send, empty when nothing should be
// said.

#include <vector>

#include <ngtcp2/ngtcp2.h>

#include "io/address.h"
#include "transport/config.h"
#include "transport/connection_id.h"

namespace felix::transport {

std::vector<std::byte> version_negotiation(const ngtcp2_version_cid& received);
// Asks the peer to come back with a token that proves its address.
std::vector<std::byte> retry(const ngtcp2_pkt_hd& received, const io::Address& from,
                             const ConnectionId& new_id, const EndpointSecrets& secrets, MonoTime now);
// CONNECTION_CLOSE with a QUIC transport error, in an Initial packet.
std::vector<std::byte> refusal(const ngtcp2_pkt_hd& received, std::uint64_t transport_error);
// Tells a peer that its connection is unknown here. `received_bytes` is the size of its packet: the answer is
// always shorter, so that two forgetful endpoints cannot talk for ever.
std::vector<std::byte> stateless_reset(Bytes connection_id, std::size_t received_bytes,
                                       const EndpointSecrets& secrets);

enum class TokenCheck { none, valid, invalid };
// `original` is set when valid: the connection id the peer chose before the Retry.
TokenCheck check_retry_token(const ngtcp2_pkt_hd& received, const io::Address& from,
                             const EndpointSecrets& secrets, MonoTime now, ngtcp2_cid& original);

}  // namespace felix::transport
