#pragma once
// The protection of QUIC packets (RFC 9001 section 5) for somebody who writes them by hand.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ngtcp2/ngtcp2_crypto.h>

#include "base/bytes.h"

namespace felix::test {

// Keys of one direction. The contexts belong to somebody else.
struct PacketKeys {
  ngtcp2_crypto_aead aead{};
  ngtcp2_crypto_aead_ctx aead_ctx{};
  ngtcp2_crypto_cipher hp{};
  ngtcp2_crypto_cipher_ctx hp_ctx{};
  std::vector<std::uint8_t> iv;
};

inline constexpr std::size_t kTagBytes = 16;

// `header` up to its packet number, which is added in four bytes (its first byte must say so) and protected
// with the `payload`.
std::string seal_packet(const PacketKeys& keys, std::string_view header, std::uint32_t packet_number,
                        std::string_view payload);
// A packet with a short header, of which `header_bytes` precede the packet number; near `expected` in number.
// Null when it is not under these keys.
struct OpenedPacket {
  std::uint64_t number = 0;
  std::string payload;
};
std::optional<OpenedPacket> open_packet(const PacketKeys& keys, Bytes packet, std::size_t header_bytes,
                                        std::uint64_t expected);

}  // namespace felix::test
