#include "base/hash.h"

#include <array>
#include <string>

#include <catch2/catch_test_macros.hpp>

using namespace felix;

TEST_CASE("routing agrees with the published vectors") {
  struct Row {
    std::string_view key;
    std::uint64_t hash;
    std::array<std::uint32_t, 5> modulo, jump;
  };
  constexpr std::array<std::uint32_t, 5> kShards{2, 3, 4, 8, 12};
  const Row rows[] = {
      {"", 0xf52a15e9a9b5e89b, {1, 0, 3, 3, 3}, {0, 0, 0, 5, 11}},
      {"a", 0x02c0bdbf481420f8, {0, 1, 0, 0, 4}, {1, 1, 1, 1, 9}},
      {"order-42", 0x586d07f28908894f, {1, 0, 3, 7, 3}, {1, 1, 1, 1, 8}},
  };
  for (const Row& row : rows) {
    INFO("key: " << row.key);
    CHECK(routing_hash(as_bytes(row.key)) == row.hash);
    for (std::size_t i = 0; i < kShards.size(); ++i) {
      CHECK(modulo_shard(row.hash, kShards[i]) == row.modulo[i]);
      CHECK(jump_shard(row.hash, kShards[i]) == row.jump[i]);
    }
  }
}

TEST_CASE("no shards or one shard is shard 0") {
  for (const std::uint32_t shards : {0u, 1u}) {
    CHECK(modulo_shard(UINT64_MAX, shards) == 0);
    CHECK(jump_shard(UINT64_MAX, shards) == 0);
  }
}

TEST_CASE("growing a stream moves keys only to the new shard under jump routing") {
  for (std::uint64_t key = 0; key < 2000; ++key) {
    const std::string text = std::to_string(key);
    const std::uint64_t hash = routing_hash(as_bytes(text));
    std::uint32_t before = 0;
    for (std::uint32_t shards = 2; shards < 20; ++shards) {
      const std::uint32_t now = jump_shard(hash, shards);
      REQUIRE(now < shards);
      REQUIRE((now == before || now == shards - 1));
      before = now;
    }
  }
}

TEST_CASE("the checksum depends on every byte and on the seed") {
  std::string text(100, 'x');
  const std::uint64_t whole = hash64(as_bytes(text));
  CHECK(hash64(as_bytes(text)) == whole);
  CHECK(hash64(as_bytes(text), 1) != whole);
  for (char& c : text) {
    c ^= 1;
    CHECK(hash64(as_bytes(text)) != whole);
    c ^= 1;
  }
}
