#include "io/cgroup.h"

#include <algorithm>

#include "io/file.h"

namespace felix::io {
namespace {

using Visit = std::function<void(const std::string&, CgroupVersion)>;

constexpr std::size_t kMaxMembershipBytes = 64 << 10;

void visit_upwards(const std::string& root, std::string path, CgroupVersion version, const Visit& visit) {
  if (path.find("..") != std::string::npos) path.clear();
  for (;;) {
    while (!path.empty() && path.back() == '/') path.pop_back();
    visit(root + path, version);
    if (path.empty()) return;
    path.resize(path.rfind('/'));
  }
}

bool names(std::string_view controllers, std::string_view wanted) {
  while (!controllers.empty()) {
    const std::size_t comma = std::min(controllers.find(','), controllers.size());
    if (controllers.substr(0, comma) == wanted) return true;
    controllers.remove_prefix(std::min(comma + 1, controllers.size()));
  }
  return false;
}

// One line of /proc/self/cgroup, "<id>:<controllers>:/<path>"; version 2 has id 0 and no controllers.
void visit_line(std::string_view line, const std::string& hierarchy, std::string_view controller,
                const Visit& visit) {
  const std::size_t first = line.find(':');
  const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
  if (second == std::string_view::npos) return;
  const std::string controllers(line.substr(first + 1, second - first - 1));
  const std::string path(line.substr(second + 1));
  if (path.empty() || path.front() != '/') return;
  if (controllers.empty()) {
    visit_upwards(hierarchy, path, CgroupVersion::v2, visit);
    visit_upwards(hierarchy + "/unified", path, CgroupVersion::v2, visit);
  } else if (names(controllers, controller)) {
    visit_upwards(hierarchy + "/" + controllers, path, CgroupVersion::v1, visit);
  }
}

}  // namespace

void visit_cgroups(const CgroupFiles& files, std::string_view controller, const Visit& visit) {
  const std::string membership = read_file(files.membership, kMaxMembershipBytes).value_or("");
  for (std::string_view rest = membership; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    visit_line(rest.substr(0, end), files.hierarchy, controller, visit);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

}  // namespace felix::io
