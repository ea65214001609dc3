#pragma once
// How many CPUs this process may really use.

#include <cstddef>

#include "io/cgroup.h"

namespace felix::io {

// The smaller of the CPUs we may be scheduled on and the quota of our cgroups (versions 1 and 2, ours and
// every parent's), rounded up; at least 1.
std::size_t usable_cpus(const CgroupFiles& files = {});

// Reactors of a broker unless its settings say otherwise: max(1, min(8, cpus - 1)).
std::size_t default_reactor_count(std::size_t cpus);

}  // namespace felix::io
