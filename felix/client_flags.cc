#include "felix/client_flags.h"

#include <cstdlib>

#include "felix/values.h"
#include "telemetry/log.h"

namespace felix::command {
namespace {

constexpr const char* kSection = "Connection";

// The flag, else the variable when it says something.
std::optional<std::string> chosen(const std::optional<std::string>& flag, const char* variable) {
  if (flag) return flag;
  const char* value = std::getenv(variable);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::string(value);
}

std::vector<std::string> split_servers(std::string_view text) {
  std::vector<std::string> servers;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    if (end > at) servers.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return servers;
}

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

Result<client::ConnectOptions> connect_options(const ClientFlags& flags) {
  FELIX_CHECK(telemetry::configure_logging({.levels = flags.log_levels}));
  client::ConnectOptions options;
  if (const auto server = chosen(flags.server, "FELIX_SERVER")) options.servers = split_servers(*server);
  if (const auto name = chosen(flags.server_name, "FELIX_SERVER_NAME")) options.server_name = *name;
  if (const auto file = chosen(flags.ca_file, "FELIX_CA")) options.ca_file = *file;
  if (const auto tenant = chosen(flags.tenant, "FELIX_TENANT")) options.tenant = *tenant;
  if (const auto name = chosen(flags.namespace_id, "FELIX_NAMESPACE")) options.namespace_id = *name;
  if (const auto token = chosen(flags.token, "FELIX_TOKEN")) options.token = *token;
  if (const auto file = chosen(flags.token_file, "FELIX_TOKEN_FILE")) options.token_file = *file;
  if (flags.timeout) options.connect_timeout = options.request_timeout = *flags.timeout;
  if (options.servers.empty())
    return fail(Errc::usage, "no broker is known; start one with `felix broker` or give --server HOST:PORT");
  return options;
}

}  // namespace felix::command
