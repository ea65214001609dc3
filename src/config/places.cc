#include "config/places.h"

#include <string_view>

namespace felix::config {

std::string variable(std::span<const std::string> environment, std::string_view name) {
  for (const std::string& line : environment) {
    if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == '=')
      return line.substr(name.size() + 1);
  }
  return {};
}

Places find_places(std::span<const std::string> environment, unsigned user_id) {
  constexpr std::string_view kHomeless = ".felix";
  Places places;
  const std::string home = variable(environment, "HOME");
  const auto locate = [&](std::string_view xdg_variable, std::string_view under_home) -> std::string {
    const std::string base = variable(environment, xdg_variable);
    if (base.starts_with('/')) return base + "/felix";
    if (home.starts_with('/')) return home + std::string(under_home);
    places.remark = "HOME is not set to an absolute path, files are kept in ./" + std::string(kHomeless);
    return std::string(kHomeless);
  };
  places.config_directory = locate("XDG_CONFIG_HOME", "/.config/felix");
  places.state_directory = user_id == 0 && !variable(environment, "XDG_STATE_HOME").starts_with('/')
                               ? "/var/lib/felix"
                               : locate("XDG_STATE_HOME", "/.local/state/felix");
  return places;
}

}  // namespace felix::config
