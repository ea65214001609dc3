#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace felix {

// XXH3-64: checksums of records and segments, and hash tables. Not for routing, not for secrets.
std::uint64_t hash64(Bytes bytes, std::uint64_t seed = 0);

// FNV-1a-64 with the splitmix-style finalizer: the routing hash of wire protocol section 7.5.
std::uint64_t routing_hash(Bytes key);

// Shard of a routing hash by modulo; `shards` <= 1 is shard 0.
std::uint32_t modulo_shard(std::uint64_t routing_hash, std::uint32_t shards);
// Shard of a routing hash by Lamping-Veach jump consistent hashing; `shards` <= 1 is shard 0.
std::uint32_t jump_shard(std::uint64_t routing_hash, std::uint32_t shards);

}  // namespace felix
