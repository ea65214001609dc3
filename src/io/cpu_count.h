#pragma once
// How many CPUs this process may really use.

#include <cstddef>
#include <string>

namespace felix::io {

// Where the limits are read; tests point it elsewhere.
struct CpuLimitFiles {
  std::string membership = "/proc/self/cgroup";
  std::string hierarchy = "/sys/fs/cgroup";
};

// The smaller of the CPUs we may be scheduled on and the quota of our cgroups (versions 1 and 2, ours and
// every parent's), rounded up; at least 1.
std::size_t usable_cpus(const CpuLimitFiles& files = {});

// Reactors of a broker unless its settings say otherwise: max(1, min(8, cpus - 1)).
std::size_t default_reactor_count(std::size_t cpus);

}  // namespace felix::io
