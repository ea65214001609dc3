#pragma once
// How much of the heap is handed out. Counted where malloc and free are called (counted_malloc.cc) rather
// than asked of glibc, whose mallinfo2() walks every free block with the heap locked: 8 ms for 50,000 of
// them, in which no reactor could allocate.

#include <cstdint>

namespace felix::io {

// `bytes` more, or fewer, are handed out. Any thread, before main() too; never allocates.
void count_allocated(std::int64_t bytes);

// Bytes handed out now, by all threads together: exact when none allocates meanwhile. What the allocator
// keeps for itself, around blocks and free, is not in it. In a program without counted_malloc.cc (any that is
// not the static felix) what mallinfo2() says. Any thread.
std::uint64_t allocated_bytes();

// Gives the pages that the allocator keeps and nobody uses back to the system. Whoever allocates meanwhile
// waits, for milliseconds when much is free.
void release_free_memory();

}  // namespace felix::io
