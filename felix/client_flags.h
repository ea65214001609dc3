#pragma once
// The options every client command shares: which broker, as whom. Each may come from a flag, else its
// environment variable, else the client context that a broker or a person wrote.

#include <optional>
#include <string>

#include "base/time.h"
#include "client/options.h"
#include "felix/syntax.h"
#include "telemetry/level.h"

namespace felix::command {

struct ClientFlags {
  std::optional<std::string> context;
  std::optional<std::string> server;
  std::optional<std::string> server_name;
  std::optional<std::string> ca_file;
  std::optional<std::string> token;
  std::optional<std::string> token_file;
  std::optional<std::string> tenant;
  std::optional<std::string> namespace_id;
  std::optional<Duration> timeout;
  telemetry::LevelSpec log_levels{.general = telemetry::Level::warn, .modules = {}};
};

void declare_client_flags(Syntax& syntax, ClientFlags& flags);

// Reads environment and context; usage when no broker is known, naming both ways to name one. Also makes
// log lines of this process follow `log_levels`.
Result<client::ConnectOptions> connect_options(const ClientFlags& flags);

}  // namespace felix::command
