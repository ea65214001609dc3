#pragma once
// How much memory this process may use.

#include <cstdint>
#include <optional>

#include "io/cgroup.h"

namespace felix::io {

// The smallest limit of our cgroups (versions 1 and 2, ours and every parent's); nothing when none is set.
std::optional<std::uint64_t> cgroup_memory_bytes(const CgroupFiles& files = {});

// Memory of the machine.
std::uint64_t physical_memory_bytes();

// What this process holds of it that is not a file's: heap and stacks as far as they were touched. 0 where
// /proc does not say. Reads a file of the kernel's.
std::uint64_t resident_bytes();

}  // namespace felix::io
