#pragma once
// Bytes this thread has asked of the allocator so far: operator new and malloc, in this program and in the
// libraries it calls. What was given back stays counted.

#include <cstdint>

namespace felix::fuzz {

std::uint64_t requested_bytes();

}  // namespace felix::fuzz
