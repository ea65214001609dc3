#include "io/memory_size.h"

#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "io/cgroups.h"

using namespace felix;
using test::Cgroups;

TEST_CASE("Without a limit of a control group there is none") {
  Cgroups cgroups;
  CHECK_FALSE(io::cgroup_memory_bytes(cgroups.files));
  cgroups.put("membership", "4:memory:/job\n0::/job\n");
  cgroups.put("job/memory.max", "max\n");
  cgroups.put("memory/job/memory.limit_in_bytes", "9223372036854771712\n");
  CHECK_FALSE(io::cgroup_memory_bytes(cgroups.files));
}

TEST_CASE("The smallest limit of a control group and its parents counts, in both versions") {
  Cgroups cgroups;
  cgroups.put("membership", "0::/system/felix\n");
  cgroups.put("system/felix/memory.max", "134217728\n");
  CHECK(io::cgroup_memory_bytes(cgroups.files) == 134217728);
  cgroups.put("system/memory.max", "67108864\n");
  CHECK(io::cgroup_memory_bytes(cgroups.files) == 67108864);
  cgroups.put("membership", "7:cpuset:/\n4:memory:/job\n0::/system/felix\n");
  cgroups.put("memory/job/memory.limit_in_bytes", "33554432\n");
  CHECK(io::cgroup_memory_bytes(cgroups.files) == 33554432);
}

TEST_CASE("Inside a container whose own group is not visible the mounted root is asked") {
  Cgroups cgroups;
  cgroups.put("membership", "4:memory:/docker/0123\n");
  cgroups.put("memory/memory.limit_in_bytes", "67108864\n");
  CHECK(io::cgroup_memory_bytes(cgroups.files) == 67108864);
}

TEST_CASE("The machine has memory") { CHECK(io::physical_memory_bytes() > 16u << 20); }

TEST_CASE("What this process touches is resident") {
  const std::uint64_t before = io::resident_bytes();
  CHECK(before > 0);
  const std::vector<char> touched(64u << 20, 'x');
  CHECK(io::resident_bytes() >= before + touched.size() / 2);
}
