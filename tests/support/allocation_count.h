#pragma once
// Counts what a thread asks of operator new. For tests of what must not allocate.

#include <cstdint>

namespace felix::test {

// By this thread so far. Linking allocation_count.cc replaces operator new of the whole test program.
std::uint64_t allocations();

}  // namespace felix::test
