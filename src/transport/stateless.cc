#include "transport/stateless.h"

#include <algorithm>
#include <array>

#include <ngtcp2/ngtcp2_crypto.h>

#include "crypto/random.h"
#include "transport/connection_quic.h"

namespace felix::transport {
namespace {

constexpr Duration kRetryTokenLife = std::chrono::seconds(10);
constexpr std::size_t kSmallestReset = 21;
constexpr std::size_t kLargestReset = 42;

const std::uint8_t* octets(Bytes bytes) { return reinterpret_cast<const std::uint8_t*>(bytes.data()); }
std::uint8_t* writable(MutableBytes bytes) { return reinterpret_cast<std::uint8_t*>(bytes.data()); }

std::vector<std::byte> packet_of(MutableBytes buffer, ngtcp2_ssize written) {
  if (written <= 0) return {};
  return {buffer.begin(), buffer.begin() + written};
}

}  // namespace

std::vector<std::byte> version_negotiation(const ngtcp2_version_cid& received) {
  constexpr std::array<std::uint32_t, 1> kVersions{NGTCP2_PROTO_VER_V1};
  std::array<std::byte, 128> buffer;
  std::byte random;
  crypto::random_bytes(MutableBytes(&random, 1));
  return packet_of(
      buffer, ngtcp2_pkt_write_version_negotiation(
                  writable(buffer), buffer.size(), std::to_integer<std::uint8_t>(random), received.scid,
                  received.scidlen, received.dcid, received.dcidlen, kVersions.data(), kVersions.size()));
}

std::vector<std::byte> retry(const ngtcp2_pkt_hd& received, const io::Address& from,
                             const ConnectionId& new_id, const EndpointSecrets& secrets, MonoTime now) {
  std::array<std::uint8_t, NGTCP2_CRYPTO_MAX_RETRY_TOKENLEN2> token;
  const ngtcp2_cid id = to_ngtcp2(new_id);
  const ngtcp2_ssize token_size = ngtcp2_crypto_generate_retry_token2(
      token.data(), octets(secrets.address_token), secrets.address_token.size(), received.version, from.raw(),
      from.length(), &id, &received.dcid, timestamp_of(now));
  if (token_size < 0) return {};
  std::array<std::byte, 512> buffer;
  return packet_of(buffer, ngtcp2_crypto_write_retry(writable(buffer), buffer.size(), received.version,
                                                     &received.scid, &id, &received.dcid, token.data(),
                                                     static_cast<std::size_t>(token_size)));
}

std::vector<std::byte> refusal(const ngtcp2_pkt_hd& received, std::uint64_t transport_error) {
  std::array<std::byte, 256> buffer;
  return packet_of(buffer, ngtcp2_crypto_write_connection_close(writable(buffer), buffer.size(),
                                                                received.version, &received.scid,
                                                                &received.dcid, transport_error, nullptr, 0));
}

std::vector<std::byte> stateless_reset(Bytes connection_id, std::size_t received_bytes,
                                       const EndpointSecrets& secrets) {
  if (received_bytes <= kSmallestReset || connection_id.size() != kLocalIdBytes) return {};
  const ngtcp2_cid id = to_ngtcp2(ConnectionId(connection_id));
  std::array<std::uint8_t, NGTCP2_STATELESS_RESET_TOKENLEN> token;
  if (ngtcp2_crypto_generate_stateless_reset_token(token.data(), octets(secrets.stateless_reset),
                                                   secrets.stateless_reset.size(), &id) != 0)
    return {};
  std::array<std::byte, kLargestReset> random;
  crypto::random_bytes(random);
  const std::size_t size = std::min(kLargestReset, received_bytes - 1);
  std::array<std::byte, kLargestReset> buffer;
  return packet_of(buffer,
                   ngtcp2_pkt_write_stateless_reset(writable(buffer), size, token.data(), octets(random),
                                                    size - NGTCP2_STATELESS_RESET_TOKENLEN));
}

TokenCheck check_retry_token(const ngtcp2_pkt_hd& received, const io::Address& from,
                             const EndpointSecrets& secrets, MonoTime now, ngtcp2_cid& original) {
  if (received.tokenlen == 0 || received.token[0] != NGTCP2_CRYPTO_TOKEN_MAGIC_RETRY2)
    return TokenCheck::none;
  const int outcome = ngtcp2_crypto_verify_retry_token2(
      &original, received.token, received.tokenlen, octets(secrets.address_token),
      secrets.address_token.size(), received.version, from.raw(), from.length(), &received.dcid,
      static_cast<ngtcp2_duration>(kRetryTokenLife.count()), timestamp_of(now));
  return outcome == 0 ? TokenCheck::valid : TokenCheck::invalid;
}

}  // namespace felix::transport
