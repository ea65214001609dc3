#include "io/cpu_count.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <sched.h>
#include <string_view>
#include <unistd.h>
#include <vector>

#include "io/file.h"

namespace felix::io {
namespace {

constexpr std::size_t kMaxLimitFileBytes = 64 << 10;

std::size_t schedulable_cpus() {
  // Grown until the kernel's mask fits: machines may have more CPUs than cpu_set_t.
  for (int cpus = CPU_SETSIZE; cpus <= (1 << 20); cpus *= 2) {
    const std::size_t bytes = CPU_ALLOC_SIZE(cpus);
    std::vector<cpu_set_t> mask(bytes / sizeof(cpu_set_t) + 1);
    if (sched_getaffinity(0, bytes, mask.data()) == 0)
      return static_cast<std::size_t>(std::max(1, CPU_COUNT_S(bytes, mask.data())));
  }
  return static_cast<std::size_t>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc()) return std::nullopt;
  return value;
}

std::optional<std::size_t> quota_cpus(std::optional<std::int64_t> quota_us,
                                      std::optional<std::int64_t> period_us) {
  if (!quota_us || !period_us || *quota_us <= 0 || *period_us <= 0) return std::nullopt;
  return static_cast<std::size_t>((*quota_us + *period_us - 1) / *period_us);
}

// cgroup v2: "max 100000" or "150000 100000".
std::optional<std::size_t> quota_v2(const std::string& folder) {
  const Result<std::string> text = read_file(folder + "/cpu.max", kMaxLimitFileBytes);
  if (!text) return std::nullopt;
  const std::size_t space = text->find(' ');
  if (space == std::string::npos) return std::nullopt;
  return quota_cpus(number(*text), number(std::string_view(*text).substr(space + 1)));
}

std::optional<std::size_t> quota_v1(const std::string& folder) {
  const Result<std::string> quota = read_file(folder + "/cpu.cfs_quota_us", kMaxLimitFileBytes);
  const Result<std::string> period = read_file(folder + "/cpu.cfs_period_us", kMaxLimitFileBytes);
  if (!quota || !period) return std::nullopt;
  return quota_cpus(number(*quota), number(*period));
}

}  // namespace

std::size_t usable_cpus(const CgroupFiles& files) {
  std::size_t cpus = schedulable_cpus();
  visit_cgroups(files, "cpu", [&](const std::string& folder, CgroupVersion version) {
    if (const auto quota = version == CgroupVersion::v2 ? quota_v2(folder) : quota_v1(folder))
      cpus = std::min(cpus, *quota);
  });
  return std::max<std::size_t>(cpus, 1);
}

std::size_t default_reactor_count(std::size_t cpus) {
  return std::clamp<std::size_t>(cpus > 0 ? cpus - 1 : 0, 1, 8);
}

}  // namespace felix::io
