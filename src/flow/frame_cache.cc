#include "flow/frame_cache.h"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

namespace felix::flow {

static_assert(SizeClasses::of(SizeClasses::kLargestBytes) == SizeClasses::kCount - 1);
static_assert(SizeClasses::bytes(SizeClasses::kCount - 1) == SizeClasses::kLargestBytes);

void* FrameCache::take(std::size_t size_class) {
  FreeList& list = lists_[size_class];
  if (list.head == nullptr) return nullptr;
  list.least = std::min(list.least, --list.count);
  bytes_ -= SizeClasses::bytes(size_class);
  return std::exchange(list.head, list.head->next);
}

bool FrameCache::give(std::size_t size_class, void* block) {
  const std::size_t size = SizeClasses::bytes(size_class);
  if (bytes_ + size > max_bytes_) return false;
  FreeList& list = lists_[size_class];
  list.head = new (block) FreeBlock{list.head};
  ++list.count;
  bytes_ += size;
  return true;
}

void FrameCache::age() {
  for (std::size_t i = 0; i < SizeClasses::kCount; ++i) {
    free_blocks(i, lists_[i].least);
    lists_[i].least = lists_[i].count;
  }
}

void FrameCache::trim() {
  for (std::size_t i = 0; i < SizeClasses::kCount; ++i) free_blocks(i, lists_[i].count);
}

void FrameCache::free_blocks(std::size_t size_class, std::size_t count) {
  while (count-- > 0) std::free(take(size_class));
}

}  // namespace felix::flow
