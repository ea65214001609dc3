#pragma once
// What this process asked of memory so far. The linker puts counters in the way of malloc, memcpy and their
// kin
// (--wrap), so that in a static program they count for every library. Of a program with one thread.

#include <cstdint>

namespace felix::cost {

struct MemoryUse {
  std::uint64_t allocations = 0;   // malloc, calloc, realloc and the aligned ones
  std::uint64_t copied_bytes = 0;  // by memcpy and memmove, as far as the compiler left them calls

  MemoryUse& operator+=(const MemoryUse& other) {
    allocations += other.allocations;
    copied_bytes += other.copied_bytes;
    return *this;
  }
  friend MemoryUse operator-(const MemoryUse& a, const MemoryUse& b) {
    return {a.allocations - b.allocations, a.copied_bytes - b.copied_bytes};
  }
};

const MemoryUse& memory_use();

}  // namespace felix::cost
