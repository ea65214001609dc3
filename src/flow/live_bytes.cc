#include "flow/live_bytes.h"

#include <algorithm>
#include <array>
#include <atomic>

namespace felix::flow {
namespace {

// One thread's part of the sum: it alone writes it, so that counting needs no locked instruction. Negative
// for a thread that drops what others made. A thread that ends leaves its part to the next that begins.
struct alignas(64) Part {
  std::atomic<bool> taken{false};
  std::atomic<std::int64_t> bytes{0};
};
constinit std::array<Part, 128> parts;
// Of threads that found no part of their own.
constinit std::atomic<std::int64_t> shared_bytes{0};

class Place {
 public:
  Place() {
    for (Part& part : parts) {
      if (part.taken.exchange(true, std::memory_order_acquire)) continue;
      part_ = &part;
      return;
    }
  }
  ~Place() {
    if (part_ != nullptr) part_->taken.store(false, std::memory_order_release);
    part_ = nullptr;  // a frame dropped even later is counted with the shared ones
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  void add(std::int64_t bytes) {
    if (part_ == nullptr) {
      shared_bytes.fetch_add(bytes, std::memory_order_relaxed);
    } else {
      part_->bytes.store(part_->bytes.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
    }
  }

 private:
  Part* part_ = nullptr;
};

thread_local Place place;

}  // namespace

void add_live_frame_bytes(std::int64_t bytes) { place.add(bytes); }

std::size_t live_frame_bytes() {
  std::int64_t sum = shared_bytes.load(std::memory_order_relaxed);
  for (const Part& part : parts) sum += part.bytes.load(std::memory_order_relaxed);
  return static_cast<std::size_t>(std::max<std::int64_t>(sum, 0));
}

}  // namespace felix::flow
