#pragma once
// The control groups this process is limited by: Linux cgroups, versions 1 and 2.

#include <functional>
#include <string>
#include <string_view>

namespace felix::io {

// Where they are read; tests point it elsewhere.
struct CgroupFiles {
  std::string membership = "/proc/self/cgroup";
  std::string hierarchy = "/sys/fs/cgroup";
};

enum class CgroupVersion { v1, v2 };

// Calls `visit` with the folder of each group that may limit `controller` ("cpu", "memory"): ours, then every
// parent's. Seen from inside a container, ours may not exist below the mount: then only its parents are found
// by who reads the folder.
void visit_cgroups(const CgroupFiles& files, std::string_view controller,
                   const std::function<void(const std::string& folder, CgroupVersion version)>& visit);

}  // namespace felix::io
