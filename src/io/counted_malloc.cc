// Stands between the whole static program and glibc's allocator, by the linker's --wrap (CMakeLists.txt names
// the functions): each block is counted with the size it was given, and uncounted with the same.

#include <cstddef>

#include <malloc.h>

#include "io/heap.h"

namespace {

void* counted(void* block) {
  if (block != nullptr) felix::io::count_allocated(static_cast<std::int64_t>(::malloc_usable_size(block)));
  return block;
}

void uncount(void* block) {
  if (block != nullptr) felix::io::count_allocated(-static_cast<std::int64_t>(::malloc_usable_size(block)));
}

}  // namespace

extern "C" {

void* __real_malloc(std::size_t bytes);
void* __real_calloc(std::size_t items, std::size_t bytes);
void* __real_realloc(void* block, std::size_t bytes);
void* __real_memalign(std::size_t alignment, std::size_t bytes);
void* __real_aligned_alloc(std::size_t alignment, std::size_t bytes);
int __real_posix_memalign(void** block, std::size_t alignment, std::size_t bytes);
void __real_free(void* block);

void* __wrap_malloc(std::size_t bytes) { return counted(__real_malloc(bytes)); }

void* __wrap_calloc(std::size_t items, std::size_t bytes) { return counted(__real_calloc(items, bytes)); }

void* __wrap_realloc(void* block, std::size_t bytes) {
  const auto before = static_cast<std::int64_t>(::malloc_usable_size(block));
  void* const moved = __real_realloc(block, bytes);
  // Out of memory leaves the block as it was.
  if (moved == nullptr && bytes != 0) return nullptr;
  felix::io::count_allocated(static_cast<std::int64_t>(::malloc_usable_size(moved)) - before);
  return moved;
}

void* __wrap_memalign(std::size_t alignment, std::size_t bytes) {
  return counted(__real_memalign(alignment, bytes));
}

void* __wrap_aligned_alloc(std::size_t alignment, std::size_t bytes) {
  return counted(__real_aligned_alloc(alignment, bytes));
}

int __wrap_posix_memalign(void** block, std::size_t alignment, std::size_t bytes) {
  const int error = __real_posix_memalign(block, alignment, bytes);
  if (error == 0) counted(*block);
  return error;
}

void __wrap_free(void* block) {
  uncount(block);
  __real_free(block);
}
}
