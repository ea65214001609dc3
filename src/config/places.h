#pragma once

#include <span>
#include <string>

namespace felix::config {

// Where files of this user live.
struct Places {
  std::string
      state_directory;  // of a broker: $XDG_STATE_HOME/felix, ~/.local/state/felix; root: /var/lib/felix
  std::string config_directory;  // of clients: $XDG_CONFIG_HOME/felix, ~/.config/felix
  std::string remark;            // one line when neither HOME nor an XDG directory says where; else empty
};

// `environment`: "NAME=value". Relative paths in it are passed over. Without a home, both lie in ./.felix.
Places find_places(std::span<const std::string> environment, unsigned user_id);

// The value of a variable; empty when unset.
std::string variable(std::span<const std::string> environment, std::string_view name);

}  // namespace felix::config
