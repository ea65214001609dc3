#include "io/heap.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>

#include <malloc.h>

namespace felix::io {
namespace {

// Of one thread, or of a few when there are more than places: an addition to a line that no other CPU holds
// is cheap. Negative for a thread that frees what others allocated. Nothing of this has a constructor or a
// destructor, because threads allocate before the one and after the other.
struct alignas(64) Part {
  std::atomic<std::int64_t> bytes{0};
};
constinit std::array<Part, 64> parts;
constinit std::atomic<std::size_t> threads{0};
constinit thread_local Part* mine = nullptr;

}  // namespace

void count_allocated(std::int64_t bytes) {
  if (mine == nullptr) mine = &parts[threads.fetch_add(1, std::memory_order_relaxed) % parts.size()];
  mine->bytes.fetch_add(bytes, std::memory_order_relaxed);
}

std::uint64_t allocated_bytes() {
  if (threads.load(std::memory_order_relaxed) == 0) {
    const struct mallinfo2 heap = ::mallinfo2();
    return heap.uordblks + heap.hblkhd;
  }
  std::int64_t sum = 0;
  for (const Part& part : parts) sum += part.bytes.load(std::memory_order_relaxed);
  return static_cast<std::uint64_t>(std::max<std::int64_t>(sum, 0));
}

void release_free_memory() { ::malloc_trim(0); }

}  // namespace felix::io
