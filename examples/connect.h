#pragma once
// From what `felix broker` wrote for its clients, or FELIX_SERVER, FELIX_CA and FELIX_TOKEN_FILE, to the
// options of a session. FELIX_CONTEXT names another context than the current one.

#include <unistd.h>

#include "client/options.h"
#include "config/context.h"
#include "config/load.h"
#include "config/places.h"

namespace felix::example {

inline Result<client::ConnectOptions> connect_options() {
  const std::vector<std::string> environment = config::process_environment();
  const std::string directory = config::find_places(environment, ::getuid()).config_directory;
  std::string name = config::variable(environment, "FELIX_CONTEXT");
  if (name.empty()) {
    FELIX_TRY(name, config::current_context(directory));
  }
  const auto stored = config::load_context(directory, name);
  const config::Context context =
      config::merge(config::context_from_environment(environment), stored.value_or(config::Context{}));
  client::ConnectOptions options;
  options.servers = {context.server};
  options.server_name = context.server_name;
  options.ca_file = context.ca_file;
  options.token = context.token;
  options.token_file = context.token_file;
  if (!context.tenant.empty()) options.tenant = context.tenant;
  if (!context.ns.empty()) options.namespace_id = context.ns;
  if (context.server.empty()) return fail(Errc::usage, "no broker is known; start one with `felix broker`");
  return options;
}

}  // namespace felix::example
