#pragma once
// The 12 bytes in front of every frame: magic, version, flags, payload length (wire protocol section 2).
// Frames between brokers have the same shape with a magic of their own, and their kind where flags are
// (section 11).

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/error.h"

namespace felix::wire {

inline constexpr std::uint32_t kMagic = 0x464C5831;          // "FLX1"
inline constexpr std::uint32_t kInternalMagic = 0x464C5849;  // "FLXI"
inline constexpr std::uint16_t kVersion = 1;
inline constexpr std::size_t kHeaderBytes = 12;

// What a receiver accepts as payload length before and after the stream has authenticated.
inline constexpr std::uint32_t kPreauthMaxPayloadBytes = 64 * 1024;
inline constexpr std::uint32_t kDefaultMaxPayloadBytes = 16 * 1024 * 1024;
// Between brokers.
inline constexpr std::uint32_t kInternalMaxPayloadBytes = 64 * 1024 * 1024;

struct FrameHeader {
  std::uint16_t flags = 0;  // behind kInternalMagic: the kind
  std::uint32_t payload_bytes = 0;

  bool operator==(const FrameHeader&) const = default;
};

// `bytes` is exactly one header. Checked in the protocol's order: malformed for a magic other than `magic`,
// unsupported for another version. The length is only read; its cap, and the flags, are the receiver's to
// judge.
Result<FrameHeader> parse_header(std::span<const std::byte, kHeaderBytes> bytes,
                                 std::uint32_t magic = kMagic);

constexpr void store_header(std::byte* at, FrameHeader header, std::uint32_t magic = kMagic) {
  store_be(at, magic);
  store_be(at + 4, kVersion);
  store_be(at + 6, header.flags);
  store_be(at + 8, header.payload_bytes);
}

}  // namespace felix::wire
