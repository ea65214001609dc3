#pragma once
// Two ngtcp2 connections joined in memory, on a clock of their own, with the packet protection and the TLS
// sessions of the product: for what the transport leaves to QUIC itself and a test has to bring about, such
// as key updates.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>

#include "crypto/tls_session.h"

namespace felix::test {

using Datagram = std::vector<std::uint8_t>;

struct QuicPeer {
  explicit QuicPeer(crypto::TlsSession session) : tls(std::move(session)) {}
  ~QuicPeer();

  crypto::TlsSession tls;
  ngtcp2_conn* conn = nullptr;
  ngtcp2_crypto_conn_ref ref{};
  std::string received;
  int key_updates = 0;  // how often ngtcp2 asked for the keys of the next one
};

// Who sealed the packets of established connections since the last pair was made.
struct SealedPackets {
  int by_packet_cipher = 0;
  int by_tls_helper = 0;
};
const SealedPackets& sealed_packets();

class QuicPair {
 public:
  // `cipher` as GnuTLS spells it in its preferences, e.g. "AES-128-GCM": the only one both sides offer.
  // The client is the product's, or ngtcp2 with its helper and nothing of ours.
  enum class Client { ours, foreign };
  QuicPair(const std::string& cipher, Client kind);

  // Exchanges what both sides have to say until they fall silent; then `pause` passes.
  void settle(ngtcp2_duration pause = 0);
  // Sends `text` on the stream of `from`, opened with the first call.
  void send(QuicPeer& from, const std::string& text);
  // What this side would send next; empty when nothing.
  Datagram next_datagram(QuicPeer& from);
  // ngtcp2's answer.
  int deliver(QuicPeer& to, const Datagram& datagram);

  QuicPeer client;
  QuicPeer server;
  ngtcp2_tstamp now = NGTCP2_SECONDS;

 private:
  struct Text {
    std::string unsent;
    std::int64_t stream = -1;
  };
  Text& text_of(QuicPeer& peer) { return &peer == &client ? client_text_ : server_text_; }

  Text client_text_, server_text_;
};

}  // namespace felix::test
