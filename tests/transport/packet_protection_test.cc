#include "transport/packet_protection.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "crypto/packet_cipher.h"
#include "transport/quic_pair.h"

using namespace felix;
using test::Datagram;
using test::QuicPair;
using test::QuicPeer;

namespace {

const char* any_cipher() { return GENERATE("AES-128-GCM", "AES-256-GCM", "CHACHA20-POLY1305"); }
QuicPair::Client any_client() { return GENERATE(QuicPair::Client::ours, QuicPair::Client::foreign); }

void exchange(QuicPair& pair) {
  for (QuicPeer* from : {&pair.client, &pair.server}) {
    QuicPeer& to = from == &pair.client ? pair.server : pair.client;
    const std::string before = to.received;
    const std::string text = std::to_string(pair.now) + std::string(5000, 'x');
    pair.send(*from, text);
    pair.settle();
    REQUIRE(to.received == before + text);
  }
}

}  // namespace

TEST_CASE("packet protection: both ends talk with each cipher") {
  const std::string cipher = any_cipher();
  QuicPair pair(cipher, any_client());
  pair.settle();
  REQUIRE(ngtcp2_conn_get_handshake_completed(pair.client.conn));
  REQUIRE(ngtcp2_conn_get_handshake_completed(pair.server.conn));
  CHECK(pair.client.tls.cipher() == cipher);
  exchange(pair);
}

TEST_CASE("packet protection: either end renews the keys, again and again") {
  QuicPair pair(any_cipher(), any_client());
  pair.settle(NGTCP2_SECONDS);
  exchange(pair);
  for (int round = 1; round <= 4; ++round) {
    QuicPeer& initiator = round % 2 == 0 ? pair.client : pair.server;
    pair.settle(NGTCP2_SECONDS);
    REQUIRE(ngtcp2_conn_initiate_key_update(initiator.conn, pair.now) == 0);
    exchange(pair);
    pair.settle(NGTCP2_SECONDS);
    exchange(pair);
    // Each asked for the keys of the first update when the handshake was over, and of the next after each.
    CHECK(pair.client.key_updates == round + 1);
    CHECK(pair.server.key_updates == round + 1);
  }
}

TEST_CASE("packet protection: the packet cipher protects an established connection, through key updates") {
  const std::string cipher = any_cipher();
  const bool expected = crypto::packet_cipher_library() != "gnutls" && cipher.starts_with("AES");
  QuicPair pair(cipher, QuicPair::Client::ours);
  pair.settle(NGTCP2_SECONDS);
  exchange(pair);
  pair.settle(NGTCP2_SECONDS);
  REQUIRE(ngtcp2_conn_initiate_key_update(pair.client.conn, pair.now) == 0);
  exchange(pair);
  const auto& sealed = test::sealed_packets();
  CHECK((expected ? sealed.by_packet_cipher : sealed.by_tls_helper) >= 8);
  CHECK((expected ? sealed.by_tls_helper : sealed.by_packet_cipher) == 0);
}

TEST_CASE("packet protection: a packet that was changed on its way is dropped, and the connection lives on") {
  QuicPair pair(any_cipher(), any_client());
  pair.settle();
  exchange(pair);
  const std::string before = pair.server.received;
  pair.send(pair.client, "intact");
  const Datagram datagram = pair.next_datagram(pair.client);
  REQUIRE(datagram.size() > 30);
  // All but the connection id, by which the packet would not be ours; the first byte's other bits are masked.
  for (std::size_t at = 1 + NGTCP2_MIN_INITIAL_DCIDLEN; at < datagram.size(); ++at) {
    Datagram changed = datagram;
    changed[at] ^= 0x10;
    CHECK(pair.deliver(pair.server, changed) == 0);
  }
  CHECK(pair.server.received == before);
  CHECK(pair.deliver(pair.server, datagram) == 0);
  CHECK(pair.server.received == before + "intact");
  exchange(pair);
}
