#pragma once
// Client contexts: which broker, whom to trust, as whom. One TOML file each in <config directory>/contexts/,
// and a file `current` beside that folder with the name of the one in use.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace felix::config {

inline constexpr std::string_view kDefaultContext = "default";

// Empty = not said.
struct Context {
  std::string server{};       // "host:port"
  std::string server_name{};  // the name its certificate must carry; empty: the host of `server`
  std::string ca_file{};
  std::string token{};
  std::string token_file{};  // used when `token` is empty
  std::string tenant{};
  std::string ns{};

  bool operator==(const Context&) const = default;
};

// Errors name the file and the remedy: not_found, usage (unknown key, wrong type, name not allowed), storage.
Result<Context> load_context(const std::string& config_directory, std::string_view name);
// Mode 0600, replaced at once.
Status save_context(const std::string& config_directory, std::string_view name, const Context& context);
// In byte order; none when the folder is missing.
Result<std::vector<std::string>> list_contexts(const std::string& config_directory);

// kDefaultContext when none was chosen.
Result<std::string> current_context(const std::string& config_directory);
Status set_current_context(const std::string& config_directory, std::string_view name);

// What the environment says, field by field: FELIX_SERVER, FELIX_SERVER_NAME, FELIX_CA, FELIX_TOKEN or
// FELIX_AUTH_TOKEN, FELIX_TOKEN_FILE, FELIX_TENANT or FELIX_AUTH_TENANT, FELIX_NAMESPACE.
Context context_from_environment(std::span<const std::string> environment);
// `over` where it says something, else `under`. A token file in `over` wins over a token in `under`.
Context merge(const Context& over, const Context& under);

// Every variable a client command reads, FELIX_CONTEXT included.
std::span<const std::string_view> client_variables();

}  // namespace felix::config
