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

// The smallest quota from the group at `path` up to the root. Seen from inside a container the path may not
// exist below the mount: then only its parents answer.
template <class ReadQuota>
std::size_t smallest_quota(const std::string& root, std::string path, ReadQuota&& read_quota) {
  std::size_t smallest = SIZE_MAX;
  if (path.find("..") != std::string::npos) path.clear();
  for (;;) {
    while (!path.empty() && path.back() == '/') path.pop_back();
    if (const std::optional<std::size_t> quota = read_quota(root + path))
      smallest = std::min(smallest, *quota);
    if (path.empty()) return smallest;
    path.resize(path.rfind('/'));
  }
}

bool names_cpu(std::string_view controllers) {
  while (!controllers.empty()) {
    const std::size_t comma = std::min(controllers.find(','), controllers.size());
    if (controllers.substr(0, comma) == "cpu") return true;
    controllers.remove_prefix(std::min(comma + 1, controllers.size()));
  }
  return false;
}

// One line of /proc/self/cgroup, "<id>:<controllers>:/<path>"; version 2 has id 0 and no controllers.
std::size_t quota_of_line(std::string_view line, const std::string& hierarchy) {
  const std::size_t first = line.find(':');
  const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
  if (second == std::string_view::npos) return SIZE_MAX;
  const std::string controllers(line.substr(first + 1, second - first - 1));
  const std::string path(line.substr(second + 1));
  if (path.empty() || path.front() != '/') return SIZE_MAX;
  if (controllers.empty()) {
    return std::min(smallest_quota(hierarchy, path, quota_v2),
                    smallest_quota(hierarchy + "/unified", path, quota_v2));
  }
  return names_cpu(controllers) ? smallest_quota(hierarchy + "/" + controllers, path, quota_v1) : SIZE_MAX;
}

}  // namespace

std::size_t usable_cpus(const CpuLimitFiles& files) {
  std::size_t cpus = schedulable_cpus();
  const std::string membership = read_file(files.membership, kMaxLimitFileBytes).value_or("");
  for (std::string_view rest = membership; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    cpus = std::min(cpus, quota_of_line(rest.substr(0, end), files.hierarchy));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return std::max<std::size_t>(cpus, 1);
}

std::size_t default_reactor_count(std::size_t cpus) {
  return std::clamp<std::size_t>(cpus > 0 ? cpus - 1 : 0, 1, 8);
}

}  // namespace felix::io
