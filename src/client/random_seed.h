#pragma once
// Differs per client, so that many clients never choose alike.

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "crypto/random.h"

namespace felix::client {

inline std::uint64_t random_seed() {
  std::array<std::byte, 8> bytes;
  crypto::random_bytes(bytes);
  return load_be<std::uint64_t>(bytes.data());
}

}  // namespace felix::client
