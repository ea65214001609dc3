#pragma once
// SHA-256 and its keyed form. Any thread.

#include <array>

#include "base/bytes.h"

namespace felix::crypto {

using Sha256 = std::array<std::byte, 32>;

Sha256 sha256(Bytes data);
Sha256 hmac_sha256(Bytes key, Bytes data);

}  // namespace felix::crypto
