#pragma once
// Connection ids carry their reactor: first byte modulo the number of reactors. The steering program of
// io::UdpSocket applies the same rule in the kernel.

#include <array>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"
#include "base/hash.h"

namespace felix::transport {

// Length of the ids we issue. Peers may use up to 20 bytes.
inline constexpr std::size_t kLocalIdBytes = 16;
inline constexpr std::size_t kMaxIdBytes = 20;

struct ConnectionId {
  std::array<std::byte, kMaxIdBytes> data{};
  std::uint8_t size = 0;

  ConnectionId() = default;
  explicit ConnectionId(Bytes bytes) : size(static_cast<std::uint8_t>(bytes.size())) {
    std::memcpy(data.data(), bytes.data(), bytes.size());
  }
  Bytes bytes() const { return Bytes(data.data(), size); }
  bool operator==(const ConnectionId&) const = default;
};

inline std::uint32_t owner_of(Bytes connection_id, std::uint32_t reactor_count) {
  if (connection_id.empty()) return 0;
  return std::to_integer<std::uint32_t>(connection_id[0]) % reactor_count;
}

// Unpredictable bytes whose owner is `reactor`.
ConnectionId new_connection_id(std::uint32_t reactor, std::uint32_t reactor_count);

// Ids chosen by clients are keys too, so the hash is seeded per process.
struct ConnectionIdHash {
  std::uint64_t seed = 0;
  std::size_t operator()(const ConnectionId& id) const { return hash64(id.bytes(), seed); }
};

}  // namespace felix::transport
