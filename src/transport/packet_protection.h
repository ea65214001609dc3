#pragma once
// Who protects packets (RFC 9001 section 5): crypto::PacketCipher those of an established connection, where
// this CPU and the negotiated cipher allow, and ngtcp2's TLS helper all others.

#include <ngtcp2/ngtcp2.h>

#include "base/bytes.h"
#include "crypto/tls_session.h"

namespace felix::transport {

// To be called after ngtcp2's helper configured the session and before the handshake: installs keys as the
// handshake yields their secrets. The session's user pointer is its ngtcp2_crypto_conn_ref.
void take_traffic_secrets(const crypto::TlsSession& session);

// Adds up what the frames of established connections cost (frame_audit.h), of the packets opened on this
// thread while it lives: the functions that open packets are told of no connection, and nobody else sees
// frames.
class FrameCharge {
 public:
  FrameCharge();
  ~FrameCharge();
  FrameCharge(const FrameCharge&) = delete;
  FrameCharge& operator=(const FrameCharge&) = delete;
  std::uint64_t amount() const { return amount_; }
  void add(Bytes payload);

 private:
  std::uint64_t amount_ = 0;
};

// Fills in the callbacks that use, renew and release keys.
void set_packet_protection(ngtcp2_callbacks& table);

}  // namespace felix::transport
