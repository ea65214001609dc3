#pragma once
// One allocation that fails, told apart from all others by its size: an exception wherever a test wants one.

#include <cstddef>

namespace felix::test {

// From here on the next operator new of one of these sizes, on any thread but this one, throws
// std::bad_alloc.
void fail_allocation(std::size_t least_bytes, std::size_t most_bytes);
// The failure is over, or was never needed; true when it happened.
bool take_back_allocation_failure();

}  // namespace felix::test
