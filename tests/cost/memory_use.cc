#include "cost/memory_use.h"

#include <cstddef>

namespace felix::cost {
namespace {

MemoryUse use;

}  // namespace

const MemoryUse& memory_use() { return use; }

}  // namespace felix::cost

// The linker's names: a call of malloc anywhere in the program comes to __wrap_malloc.
extern "C" {

void* __real_malloc(std::size_t bytes);
void* __real_calloc(std::size_t items, std::size_t bytes);
void* __real_realloc(void* memory, std::size_t bytes);
void* __real_aligned_alloc(std::size_t alignment, std::size_t bytes);
int __real_posix_memalign(void** memory, std::size_t alignment, std::size_t bytes);
void* __real_memcpy(void* to, const void* from, std::size_t bytes);
void* __real_memmove(void* to, const void* from, std::size_t bytes);

void* __wrap_malloc(std::size_t bytes) {
  ++felix::cost::use.allocations;
  return __real_malloc(bytes);
}
void* __wrap_calloc(std::size_t items, std::size_t bytes) {
  ++felix::cost::use.allocations;
  return __real_calloc(items, bytes);
}
void* __wrap_realloc(void* memory, std::size_t bytes) {
  ++felix::cost::use.allocations;
  return __real_realloc(memory, bytes);
}
void* __wrap_aligned_alloc(std::size_t alignment, std::size_t bytes) {
  ++felix::cost::use.allocations;
  return __real_aligned_alloc(alignment, bytes);
}
int __wrap_posix_memalign(void** memory, std::size_t alignment, std::size_t bytes) {
  ++felix::cost::use.allocations;
  return __real_posix_memalign(memory, alignment, bytes);
}
void* __wrap_memcpy(void* to, const void* from, std::size_t bytes) {
  felix::cost::use.copied_bytes += bytes;
  return __real_memcpy(to, from, bytes);
}
void* __wrap_memmove(void* to, const void* from, std::size_t bytes) {
  felix::cost::use.copied_bytes += bytes;
  return __real_memmove(to, from, bytes);
}
void* __wrap___memcpy_chk(void* to, const void* from, std::size_t bytes, std::size_t) {
  return __wrap_memcpy(to, from, bytes);
}
void* __wrap___memmove_chk(void* to, const void* from, std::size_t bytes, std::size_t) {
  return __wrap_memmove(to, from, bytes);
}
}
