#include "flow/frame_cache.h"

#include <cstdlib>
#include <vector>

#include <catch2/catch_test_macros.hpp>

using felix::flow::FrameCache;
using felix::flow::SizeClasses;

TEST_CASE("Each size has the smallest class that holds it, with at most a fifth unused") {
  for (std::size_t bytes = 1; bytes <= SizeClasses::kLargestBytes; ++bytes) {
    const std::size_t size_class = SizeClasses::of(bytes);
    const std::size_t size = SizeClasses::bytes(size_class);
    const bool smallest = size_class == 0 || SizeClasses::bytes(size_class - 1) < bytes;
    const bool tight = bytes <= SizeClasses::kSmallestBytes || (size - bytes) * 5 <= size;
    if (size >= bytes && smallest && tight) continue;
    FAIL(bytes << " bytes in class " << size_class << " of " << size);
  }
  CHECK(SizeClasses::of(SizeClasses::kLargestBytes + 1) == SizeClasses::kCount);
}

TEST_CASE("What a thread keeps is bounded over all sizes together") {
  FrameCache cache;
  const std::size_t large = SizeClasses::kCount - 1;
  std::size_t kept = 0;
  for (;;) {
    void* block = std::malloc(SizeClasses::bytes(large));
    if (cache.give(large, block)) {
      ++kept;
      continue;
    }
    std::free(block);
    break;
  }
  CHECK(kept == FrameCache::kMaxBytes / SizeClasses::bytes(large));
  CHECK(cache.bytes() <= FrameCache::kMaxBytes);
  cache.trim();
  CHECK(cache.bytes() == 0);
  CHECK(cache.take(large) == nullptr);
}

TEST_CASE("Blocks nobody needed for an age are freed, those in use are kept") {
  FrameCache cache;
  const std::size_t size_class = SizeClasses::of(1000);
  const std::size_t size = SizeClasses::bytes(size_class);
  const auto give = [&] { REQUIRE(cache.give(size_class, std::malloc(size))); };
  for (int i = 0; i < 10; ++i) give();
  cache.age();  // none was there the whole time
  CHECK(cache.bytes() == 10 * size);
  std::vector<void*> used;
  for (int i = 0; i < 3; ++i) used.push_back(cache.take(size_class));
  for (void* block : used) REQUIRE(cache.give(size_class, block));
  cache.age();  // seven lay idle
  CHECK(cache.bytes() == 3 * size);
  cache.age();
  CHECK(cache.bytes() == 0);
}
