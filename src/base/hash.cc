#include "base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace felix {

std::uint64_t hash64(Bytes bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

std::uint64_t routing_hash(Bytes key) {
  std::uint64_t h = 0xcbf29ce484222325;
  for (const std::byte b : key) h = (h ^ std::to_integer<std::uint64_t>(b)) * 0x100000001b3;
  h ^= h >> 30;
  h *= 0xbf58476d1ce4e5b9;
  h ^= h >> 27;
  h *= 0x94d049bb133111eb;
  h ^= h >> 31;
  return h;
}

std::uint32_t modulo_shard(std::uint64_t hash, std::uint32_t shards) {
  return shards <= 1 ? 0 : static_cast<std::uint32_t>(hash % shards);
}

std::uint32_t jump_shard(std::uint64_t key, std::uint32_t shards) {
  if (shards <= 1) return 0;
  std::int64_t bucket = -1;
  std::int64_t next = 0;
  while (next < static_cast<std::int64_t>(shards)) {
    bucket = next;
    key = key * 2862933555777941757ULL + 1;
    next = static_cast<std::int64_t>(static_cast<double>(bucket + 1) *
                                     (static_cast<double>(1LL << 31) / static_cast<double>((key >> 33) + 1)));
  }
  return static_cast<std::uint32_t>(bucket);
}

}  // namespace felix
