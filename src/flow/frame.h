#pragma once
// A Frame is one refcounted block of bytes; a Slice is a counted view into it. Bytes received from a peer are
// copied once into a Frame and then only shared: by the log, by every subscriber's queue, by the transport.
//
// Threads: Slices may be copied, moved and dropped on any thread (the count is atomic). The bytes are written
// only by the one who allocated the Frame, before the first Slice of it is shared.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/bytes.h"

namespace felix::flow {

class Frame {
 public:
  // A block of at least `capacity` bytes (> 0). Those up to 320 KiB come from blocks the calling thread has
  // kept (flow/frame_cache.h); memory never used before is touched only where bytes are written.
  static Frame* allocate(std::size_t capacity);

  std::byte* data() { return reinterpret_cast<std::byte*>(this + 1); }
  std::size_t capacity() const { return capacity_; }

  void retain() { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) recycle(this);
  }

 private:
  explicit Frame(std::size_t capacity) : capacity_(capacity) {}
  static void recycle(Frame* frame);

  std::atomic<std::uint32_t> references_{1};
  std::size_t capacity_;
};

// Gives memory kept by this thread for its next frames back to the allocator: what it had no use for since
// the last call; all of it.
void age_frame_cache();
void trim_frame_cache();
// What this thread keeps at most; 32 MiB unless set.
void limit_frame_cache(std::size_t bytes);

class Slice {
 public:
  Slice() = default;
  // Takes over one reference of `frame`.
  static Slice adopt(Frame* frame, std::size_t offset, std::size_t size) {
    return Slice(frame, offset, size);
  }
  // A new Frame holding a copy of `bytes`.
  static Slice copy_of(Bytes bytes);

  Slice(const Slice& other) : frame_(other.frame_), offset_(other.offset_), size_(other.size_) {
    if (frame_ != nullptr) frame_->retain();
  }
  Slice(Slice&& other) noexcept
      : frame_(std::exchange(other.frame_, nullptr)),
        offset_(std::exchange(other.offset_, 0)),
        size_(std::exchange(other.size_, 0)) {}
  Slice& operator=(Slice other) noexcept {
    std::swap(frame_, other.frame_);
    std::swap(offset_, other.offset_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Slice() {
    if (frame_ != nullptr) frame_->release();
  }

  Bytes bytes() const { return frame_ == nullptr ? Bytes{} : Bytes(frame_->data() + offset_, size_); }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // Memory that lives because this Slice does: the whole Frame, not only the part viewed.
  std::size_t footprint_bytes() const { return frame_ == nullptr ? 0 : frame_->capacity(); }

  // A view of [offset, offset + size) of this one; the range must lie inside.
  Slice sub(std::size_t offset, std::size_t size) const;

 private:
  Slice(Frame* frame, std::size_t offset, std::size_t size) : frame_(frame), offset_(offset), size_(size) {}

  Frame* frame_ = nullptr;
  std::size_t offset_ = 0;
  std::size_t size_ = 0;
};

}  // namespace felix::flow
