#pragma once
// The 12 bytes in front of every frame (wire protocol section 2): magic, version, flags, payload length.

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/error.h"

namespace felix::wire {

inline constexpr std::uint32_t kMagic = 0x464C5831;  // "FLX1"
inline constexpr std::uint16_t kVersion = 1;
inline constexpr std::size_t kHeaderBytes = 12;

// What a receiver accepts as payload length before and after the stream has authenticated.
inline constexpr std::uint32_t kPreauthMaxPayloadBytes = 64 * 1024;
inline constexpr std::uint32_t kDefaultMaxPayloadBytes = 16 * 1024 * 1024;

struct FrameHeader {
  std::uint16_t flags = 0;
  std::uint32_t payload_bytes = 0;

  bool operator==(const FrameHeader&) const = default;
};

// `bytes` is exactly one header. Checked in the protocol's order: malformed for a wrong magic, unsupported
// for another version. The length is only read; its cap, and the flags, are the receiver's to judge.
Result<FrameHeader> parse_header(std::span<const std::byte, kHeaderBytes> bytes);

constexpr void store_header(std::byte* at, FrameHeader header) {
  store_be(at, kMagic);
  store_be(at + 4, kVersion);
  store_be(at + 6, header.flags);
  store_be(at + 8, header.payload_bytes);
}

}  // namespace felix::wire
