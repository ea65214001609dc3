#pragma once
// The blocks a thread keeps for its next frames. Internal to the module.

#include <array>
#include <bit>
#include <cstddef>

namespace felix::flow {

// Sizes of blocks: four to a doubling, so that at most a fifth of one is unused.
struct SizeClasses {
  static constexpr std::size_t kSmallestBytes = 256;
  // Holds a payload of 256 KiB with what stands around it; larger blocks are the allocator's.
  static constexpr std::size_t kLargestBytes = 320 * 1024;
  static constexpr std::size_t kDoublings = std::bit_width(kLargestBytes) - std::bit_width(kSmallestBytes);
  static constexpr std::size_t kCount = 4 * kDoublings + 2;

  // The class whose blocks hold `bytes` in all; kCount when none does.
  static constexpr std::size_t of(std::size_t bytes) {
    if (bytes <= kSmallestBytes) return 0;
    if (bytes > kLargestBytes) return kCount;
    const std::size_t doubling = std::bit_width(bytes - 1) - std::bit_width(kSmallestBytes);
    const std::size_t step = (kSmallestBytes << doubling) / 4;
    return 4 * doubling + (bytes - 1 - (kSmallestBytes << doubling)) / step + 1;
  }
  static constexpr std::size_t bytes(std::size_t size_class) {
    const std::size_t doubling = size_class / 4;
    return (kSmallestBytes << doubling) / 4 * (4 + size_class % 4);
  }
};

class FrameCache {
 public:
  // Of all blocks kept by one thread: what a flood has in flight, so that it runs on memory it has touched
  // before. The default of set_max_bytes().
  static constexpr std::size_t kMaxBytes = std::size_t{32} << 20;

  FrameCache() = default;
  FrameCache(const FrameCache&) = delete;
  FrameCache& operator=(const FrameCache&) = delete;
  ~FrameCache() { trim(); }

  // A block of the class, or null.
  void* take(std::size_t size_class);
  // False when the block is not kept.
  bool give(std::size_t size_class, void* block);
  // Frees what was not needed since the last call: what a burst left behind goes, what is in use stays.
  void age();
  void trim();
  void set_max_bytes(std::size_t bytes) { max_bytes_ = bytes; }

  std::size_t bytes() const { return bytes_; }

 private:
  struct FreeBlock {
    FreeBlock* next;
  };
  struct FreeList {
    FreeBlock* head = nullptr;
    std::size_t count = 0;
    std::size_t least = 0;  // of `count` since age()
  };
  void free_blocks(std::size_t size_class, std::size_t count);

  std::array<FreeList, SizeClasses::kCount> lists_;
  std::size_t bytes_ = 0;
  std::size_t max_bytes_ = kMaxBytes;
};

}  // namespace felix::flow
