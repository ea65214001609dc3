#include "flow/frame.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/contract.h"

namespace felix::flow {
namespace {

// Size classes are powers of two from 256 B to 128 KiB; larger frames go straight to the allocator.
constexpr std::size_t kSmallestClass = 8;
constexpr std::size_t kLargestClass = 17;
constexpr std::size_t kClasses = kLargestClass - kSmallestClass + 1;
// Bound of one class's free list: what a busy turn needs, not what a burst left behind.
constexpr std::size_t kCachedBytesPerClass = 1 << 20;

struct FreeBlock {
  FreeBlock* next;
};

struct FreeList {
  FreeBlock* head = nullptr;
  std::size_t count = 0;
};

class FrameCache {
 public:
  ~FrameCache() { trim(); }

  void* take(std::size_t size_class) {
    FreeList& list = lists_[size_class];
    if (list.head == nullptr) return nullptr;
    --list.count;
    return std::exchange(list.head, list.head->next);
  }
  bool give(std::size_t size_class, void* block) {
    FreeList& list = lists_[size_class];
    if ((list.count + 1) << (size_class + kSmallestClass) > kCachedBytesPerClass) return false;
    list.head = new (block) FreeBlock{list.head};
    ++list.count;
    return true;
  }
  void trim() {
    for (std::size_t i = 0; i < kClasses; ++i) {
      while (void* block = take(i)) std::free(block);
    }
  }

 private:
  std::array<FreeList, kClasses> lists_;
};

thread_local FrameCache frame_cache;

// Class whose blocks hold `bytes` in all, or kClasses when none does.
std::size_t class_of(std::size_t bytes) {
  const std::size_t log2 = std::bit_width(std::max<std::size_t>(bytes, 1) - 1);
  return log2 <= kSmallestClass ? 0 : std::min(log2 - kSmallestClass, kClasses);
}

}  // namespace

Frame* Frame::allocate(std::size_t capacity) {
  const std::size_t size_class = class_of(sizeof(Frame) + capacity);
  std::size_t block_bytes = sizeof(Frame) + capacity;
  void* block = nullptr;
  if (size_class < kClasses) {
    block_bytes = std::size_t{1} << (size_class + kSmallestClass);
    block = frame_cache.take(size_class);
  }
  if (block == nullptr) block = std::malloc(block_bytes);
  if (block == nullptr) throw std::bad_alloc();
  return new (block) Frame(block_bytes - sizeof(Frame));
}

void Frame::recycle(Frame* frame) {
  const std::size_t block_bytes = sizeof(Frame) + frame->capacity_;
  frame->~Frame();
  const std::size_t size_class = class_of(block_bytes);
  if (size_class < kClasses && frame_cache.give(size_class, frame)) return;
  std::free(frame);
}

void trim_frame_cache() { frame_cache.trim(); }

Slice Slice::copy_of(Bytes bytes) {
  if (bytes.empty()) return {};
  Frame* frame = Frame::allocate(bytes.size());
  std::memcpy(frame->data(), bytes.data(), bytes.size());
  return adopt(frame, 0, bytes.size());
}

Slice Slice::sub(std::size_t offset, std::size_t size) const {
  FELIX_ASSERT(offset <= size_ && size <= size_ - offset);
  if (frame_ != nullptr) frame_->retain();
  return Slice(frame_, offset_ + offset, size);
}

}  // namespace felix::flow
