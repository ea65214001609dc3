#include "felix/client_flags.h"

#include <unistd.h>

#include "config/context.h"
#include "config/load.h"
#include "config/places.h"
#include "felix/values.h"
#include "telemetry/log.h"

namespace felix::command {
namespace {

constexpr const char* kSection = "Connection";

}  // namespace

void declare_client_flags(Syntax& syntax, ClientFlags& flags) {
  const auto text = [&syntax](const char* name, const char* value, const char* sentence, const char* variable,
                              std::optional<std::string>& into) {
    syntax.option({name, value, sentence, text_into(into), "", variable, kSection});
  };
  text("--context", "NAME", "the client context to use", "FELIX_CONTEXT", flags.context);
  text("--server", "HOST:PORT", "the broker; several, separated by commas, are tried in turn", "FELIX_SERVER",
       flags.server);
  text("--ca", "FILE", "certificates (PEM) that may have signed the broker's", "FELIX_CA", flags.ca_file);
  text("--server-name", "NAME", "whom the broker's certificate must name, if not the host of --server",
       "FELIX_SERVER_NAME", flags.server_name);
  text("--token", "TOKEN", "the access token; --token-file keeps it out of the process list", "FELIX_TOKEN",
       flags.token);
  text("--token-file", "FILE", "a file with the access token", "FELIX_TOKEN_FILE", flags.token_file);
  text("--tenant", "NAME", "the tenant", "FELIX_TENANT", flags.tenant);
  text("--namespace", "NAME", "the namespace", "FELIX_NAMESPACE", flags.namespace_id);
  syntax.option({"--timeout", "TIME", "how long to wait for a connection, and for the answer to a request",
                 duration_into(flags.timeout), "5s to connect, 30s for an answer", "", kSection});
  syntax.option({"--log-level", "LEVELS", "what is logged on standard error: a level, or levels by module",
                 [&flags](std::string_view levels) -> Status {
                   auto parsed = telemetry::parse_level_spec(levels);
                   if (!parsed) return fail(Errc::usage, "wants levels such as warn or info,client=debug");
                   flags.log_levels = std::move(*parsed);
                   return {};
                 },
                 "warn", "", kSection});
}

namespace {

config::Context context_from_flags(const ClientFlags& flags) {
  config::Context context;
  context.server = flags.server.value_or("");
  context.server_name = flags.server_name.value_or("");
  context.ca_file = flags.ca_file.value_or("");
  context.token = flags.token.value_or("");
  context.token_file = flags.token_file.value_or("");
  context.tenant = flags.tenant.value_or("");
  context.ns = flags.namespace_id.value_or("");
  return context;
}

// The context asked for by name must exist; the one of a user who named none may be missing.
Result<config::Context> stored_context(const ClientFlags& flags,
                                       const std::vector<std::string>& environment) {
  const std::string directory = config::find_places(environment, ::getuid()).config_directory;
  std::string name = flags.context.value_or(config::variable(environment, "FELIX_CONTEXT"));
  const bool named = !name.empty();
  if (!named) {
    FELIX_TRY(name, config::current_context(directory));
  }
  auto context = config::load_context(directory, name);
  if (!context && !named && context.error().code == Errc::not_found) return config::Context{};
  // A wrong context is a wrong command line.
  if (!context && context.error().code == Errc::not_found) return fail(Errc::usage, context.error().context);
  return context;
}

}  // namespace

Result<client::ConnectOptions> connect_options(const ClientFlags& flags) {
  if (Status configured = telemetry::configure_logging({.levels = flags.log_levels}); !configured)
    return std::unexpected(with_context("--log-level", std::move(configured).error()));
  const std::vector<std::string> environment = config::process_environment();
  const config::Context said =
      config::merge(context_from_flags(flags), config::context_from_environment(environment));
  FELIX_TRY(const config::Context stored, stored_context(flags, environment));
  const config::Context context = config::merge(said, stored);

  client::ConnectOptions options;
  options.servers = words_of(context.server, ',');
  options.server_name = context.server_name;
  options.ca_file = context.ca_file;
  options.token = context.token;
  options.token_file = context.token_file;
  if (!context.tenant.empty()) options.tenant = context.tenant;
  if (!context.ns.empty()) options.namespace_id = context.ns;
  if (flags.timeout) options.connect_timeout = options.request_timeout = *flags.timeout;
  if (options.servers.empty())
    return fail(Errc::usage,
                "no broker is known; start one with `felix broker`, or give --server HOST:PORT, --ca FILE "
                "and --token-file FILE");
  if (options.token.empty() && options.token_file.empty())
    return fail(Errc::usage,
                "no token for " + options.servers.front() + "; give --token-file FILE or --context NAME");
  return options;
}

}  // namespace felix::command
