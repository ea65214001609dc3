#include "broker/failing_allocation.h"

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace {

// Least size, and how many sizes from there on; 0: none fails.
std::atomic<std::uint64_t> failing{0};
thread_local bool exempt = false;

constexpr std::uint64_t range_of(std::size_t least, std::size_t most) {
  return std::uint64_t{least} << 32 | (most - least + 1);
}

bool must_fail(std::size_t bytes) {
  std::uint64_t range = failing.load(std::memory_order_relaxed);
  if (range == 0 || exempt) return false;
  const bool meant = bytes - (range >> 32) < (range & UINT32_MAX);
  return meant && failing.compare_exchange_strong(range, 0);
}

}  // namespace

void felix::test::fail_allocation(std::size_t least_bytes, std::size_t most_bytes) {
  exempt = true;
  failing.store(range_of(least_bytes, most_bytes));
}

bool felix::test::take_back_allocation_failure() { return failing.exchange(0) == 0; }

void* operator new(std::size_t bytes) {
  if (must_fail(bytes)) throw std::bad_alloc();
  if (void* block = std::malloc(bytes > 0 ? bytes : 1)) return block;
  throw std::bad_alloc();
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
