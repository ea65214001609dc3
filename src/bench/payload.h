#pragma once
// Random record contents: nothing on the way can compress or deduplicate them. From a seed, so that a run can
// be repeated byte for byte.

#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

#include "base/bytes.h"

namespace felix::bench {

class PayloadSource {
 public:
  PayloadSource(std::uint64_t seed, std::size_t max_bytes) : pool_(kSpan + max_bytes) {
    std::mt19937_64 random(seed);
    for (std::size_t i = 0; i < pool_.size(); i += 8) {
      const std::uint64_t word = random();
      std::memcpy(pool_.data() + i, &word, std::min<std::size_t>(8, pool_.size() - i));
    }
  }

  // Fills `into`, at most max_bytes, each time from another place of the pool.
  void fill(MutableBytes into) {
    std::memcpy(into.data(), pool_.data() + at_, into.size());
    at_ = (at_ + kStep) % kSpan;
  }

 private:
  static constexpr std::size_t kSpan = 256u << 10;  // stays in the processor's cache
  static constexpr std::size_t kStep = 4099;        // prime: every place is visited before one is again

  std::vector<std::byte> pool_;
  std::size_t at_ = 0;
};

}  // namespace felix::bench
