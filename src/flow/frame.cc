#include "flow/frame.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "base/contract.h"
#include "flow/frame_cache.h"
#include "flow/live_bytes.h"

namespace felix::flow {
namespace {

thread_local FrameCache frame_cache;

}  // namespace

Frame* Frame::allocate(std::size_t capacity) {
  std::size_t block_bytes = sizeof(Frame) + capacity;
  const std::size_t size_class = SizeClasses::of(block_bytes);
  void* block = nullptr;
  if (size_class < SizeClasses::kCount) {
    block_bytes = SizeClasses::bytes(size_class);
    block = frame_cache.take(size_class);
  }
  if (block == nullptr) block = std::malloc(block_bytes);
  if (block == nullptr) throw std::bad_alloc();
  add_live_frame_bytes(static_cast<std::int64_t>(block_bytes - sizeof(Frame)));
  return new (block) Frame(block_bytes - sizeof(Frame));
}

void Frame::recycle(Frame* frame) {
  const std::size_t block_bytes = sizeof(Frame) + frame->capacity_;
  const std::size_t size_class = SizeClasses::of(block_bytes);
  add_live_frame_bytes(-static_cast<std::int64_t>(frame->capacity_));
  frame->~Frame();
  if (size_class < SizeClasses::kCount && frame_cache.give(size_class, frame)) return;
  std::free(frame);
}

void age_frame_cache() { frame_cache.age(); }
void trim_frame_cache() { frame_cache.trim(); }
void limit_frame_cache(std::size_t bytes) { frame_cache.set_max_bytes(bytes); }

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
