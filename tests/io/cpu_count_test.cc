#include "io/cpu_count.h"

#include <sched.h>

#include <catch2/catch_test_macros.hpp>

#include "io/cgroups.h"

using namespace felix;

namespace {

struct Cgroups : test::Cgroups {
  std::size_t cpus() const { return io::usable_cpus(files); }
};

std::size_t affinity() {
  cpu_set_t mask;
  REQUIRE(sched_getaffinity(0, sizeof(mask), &mask) == 0);
  return static_cast<std::size_t>(CPU_COUNT(&mask));
}

}  // namespace

TEST_CASE("Without a cgroup quota the scheduler's mask decides") {
  Cgroups cgroups;
  CHECK(cgroups.cpus() == affinity());
  cgroups.put("membership", "0::/service\n");
  cgroups.put("service/cpu.max", "max 100000\n");
  CHECK(cgroups.cpus() == affinity());
}

TEST_CASE("A quota of version 2 is rounded up and never below one CPU") {
  Cgroups cgroups;
  cgroups.put("membership", "0::/service\n");
  cgroups.put("service/cpu.max", "1000 100000\n");
  CHECK(cgroups.cpus() == 1);
  cgroups.put("service/cpu.max", "100001 100000\n");
  CHECK(cgroups.cpus() == std::min<std::size_t>(affinity(), 2));
}

TEST_CASE("The tightest quota on the way to the root counts, also when our own group is not visible") {
  Cgroups cgroups;
  cgroups.put("membership", "0::/pod/container\n");
  cgroups.put("pod/cpu.max", "50000 100000\n");
  CHECK(cgroups.cpus() == 1);
  cgroups.put("pod/container/cpu.max", "900000 100000\n");
  CHECK(cgroups.cpus() == 1);
}

TEST_CASE("A quota of version 1 is found under its controllers' name") {
  Cgroups cgroups;
  cgroups.put("membership", "7:memory:/x\n4:cpu,cpuacct:/docker/abc\n1:name=systemd:/y\n0::/z\n");
  cgroups.put("cpu,cpuacct/docker/abc/cpu.cfs_quota_us", "-1\n");
  cgroups.put("cpu,cpuacct/docker/abc/cpu.cfs_period_us", "100000\n");
  CHECK(cgroups.cpus() == affinity());
  cgroups.put("cpu,cpuacct/docker/abc/cpu.cfs_quota_us", "100000\n");
  CHECK(cgroups.cpus() == 1);
}

TEST_CASE("Membership that cannot be understood limits nothing") {
  Cgroups cgroups;
  cgroups.put("membership", "garbage\n\n::\n0::relative\n0::/../../up\n4:cpu\n");
  cgroups.put("cpu.max", "what 100000\n");
  CHECK(cgroups.cpus() == affinity());
}

TEST_CASE("Reactors: one CPU is left to others, and eight are enough") {
  CHECK(io::default_reactor_count(0) == 1);
  CHECK(io::default_reactor_count(1) == 1);
  CHECK(io::default_reactor_count(2) == 1);
  CHECK(io::default_reactor_count(3) == 2);
  CHECK(io::default_reactor_count(9) == 8);
  CHECK(io::default_reactor_count(64) == 8);
}
