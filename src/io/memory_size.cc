#include "io/memory_size.h"

#include <algorithm>
#include <charconv>
#include <unistd.h>

#include "io/file.h"

namespace felix::io {
namespace {

// Version 1 says "no limit" by a number no machine has; so does whoever writes one like it.
constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 60;

}  // namespace

std::optional<std::uint64_t> cgroup_memory_bytes(const CgroupFiles& files) {
  std::uint64_t least = kNoLimit;
  visit_cgroups(files, "memory", [&](const std::string& folder, CgroupVersion version) {
    const char* const name = version == CgroupVersion::v2 ? "/memory.max" : "/memory.limit_in_bytes";
    const Result<std::string> text = read_file(folder + name, 256);
    std::uint64_t bytes = 0;
    if (text && std::from_chars(text->data(), text->data() + text->size(), bytes).ec == std::errc())
      least = std::min(least, bytes);
  });
  return least == kNoLimit ? std::nullopt : std::optional(least);
}

std::uint64_t physical_memory_bytes() {
  return static_cast<std::uint64_t>(std::max(1L, sysconf(_SC_PHYS_PAGES))) *
         static_cast<std::uint64_t>(std::max(1L, sysconf(_SC_PAGESIZE)));
}

std::uint64_t resident_bytes() {
  const Result<std::string> status = read_file("/proc/self/status", 16 * 1024);
  if (!status) return 0;
  constexpr std::string_view kName = "RssAnon:";
  std::size_t at = status->find(kName);
  if (at == std::string::npos) return 0;
  at = status->find_first_of("0123456789", at + kName.size());
  std::uint64_t kib = 0;
  if (at != std::string::npos) std::from_chars(status->data() + at, status->data() + status->size(), kib);
  return kib * 1024;
}

}  // namespace felix::io
