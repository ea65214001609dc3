#include "hostile/packet_keys.h"

#include <array>

namespace felix::test {
namespace {

const std::uint8_t* octets(const char* data) { return reinterpret_cast<const std::uint8_t*>(data); }
std::uint8_t* octets(std::string& text) { return reinterpret_cast<std::uint8_t*>(text.data()); }

std::vector<std::uint8_t> nonce_of(const PacketKeys& keys, std::uint64_t number) {
  std::vector<std::uint8_t> nonce = keys.iv;
  for (std::size_t i = 0; i < 8; ++i)
    nonce[nonce.size() - 1 - i] ^= static_cast<std::uint8_t>(number >> (8 * i));
  return nonce;
}

using Mask = std::array<std::uint8_t, 16>;

bool mask_of(const PacketKeys& keys, const char* sample, Mask& mask) {
  return ngtcp2_crypto_hp_mask_cb(mask.data(), &keys.hp, &keys.hp_ctx, octets(sample)) == 0;
}

}  // namespace

std::string seal_packet(const PacketKeys& keys, std::string_view header, std::uint32_t packet_number,
                        std::string_view payload) {
  std::string packet(header);
  for (int i = 3; i >= 0; --i) packet.push_back(static_cast<char>(packet_number >> (8 * i)));
  const std::string plain = packet;
  packet.resize(packet.size() + payload.size() + kTagBytes);
  const std::vector<std::uint8_t> nonce = nonce_of(keys, packet_number);
  if (ngtcp2_crypto_encrypt_cb(octets(packet) + plain.size(), &keys.aead, &keys.aead_ctx,
                               octets(payload.data()), payload.size(), nonce.data(), nonce.size(),
                               octets(plain.data()), plain.size()) != 0)
    return {};
  Mask mask;
  if (!mask_of(keys, packet.data() + plain.size(), mask)) return {};
  const unsigned hidden_bits = (static_cast<unsigned char>(packet[0]) & 0x80) != 0 ? 0x0f : 0x1f;
  octets(packet)[0] ^= static_cast<std::uint8_t>(mask[0] & hidden_bits);
  for (std::size_t i = 0; i < 4; ++i) octets(packet)[header.size() + i] ^= mask[1 + i];
  return packet;
}

std::optional<OpenedPacket> open_packet(const PacketKeys& keys, Bytes sealed, std::size_t header_bytes,
                                        std::uint64_t expected) {
  if (sealed.size() < header_bytes + 4 + kTagBytes) return std::nullopt;
  std::string packet(as_text(sealed));
  Mask mask;
  if (!mask_of(keys, packet.data() + header_bytes + 4, mask)) return std::nullopt;
  octets(packet)[0] ^= static_cast<std::uint8_t>(mask[0] & 0x1f);
  const std::size_t number_bytes = (octets(packet)[0] & 3u) + 1u;
  std::uint64_t low = 0;
  for (std::size_t i = 0; i < number_bytes; ++i) {
    std::uint8_t& octet = octets(packet)[header_bytes + i];
    octet ^= mask[1 + i];
    low = low << 8 | octet;
  }
  // RFC 9000, appendix A.3.
  const std::uint64_t window = std::uint64_t{1} << (8 * number_bytes);
  std::uint64_t number = (expected & ~(window - 1)) | low;
  if (number + window / 2 <= expected) {
    number += window;
  } else if (number > expected + window / 2 && number >= window) {
    number -= window;
  }
  const std::size_t start = header_bytes + number_bytes;
  const std::vector<std::uint8_t> nonce = nonce_of(keys, number);
  OpenedPacket opened{number, std::string(packet.size() - start - kTagBytes, '\0')};
  if (ngtcp2_crypto_decrypt_cb(octets(opened.payload), &keys.aead, &keys.aead_ctx,
                               octets(packet.data()) + start, packet.size() - start, nonce.data(),
                               nonce.size(), octets(packet.data()), start) != 0)
    return std::nullopt;
  return opened;
}

}  // namespace felix::test
