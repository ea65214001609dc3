#include <memory>
#include <unistd.h>

#include "broker/memory_plan.h"
#include "broker/settings.h"
#include "config/broker_settings.h"
#include "config/context.h"
#include "config/places.h"
#include "felix/broker_context.h"
#include "felix/command.h"
#include "felix/setting_options.h"
#include "felix/standard_streams.h"
#include "felix/values.h"
#include "telemetry/log.h"

namespace felix::command {
namespace {

telemetry::Logger logger("command");

constexpr const char* kConfigVariable = "FELIX_BROKER_CONFIG";

struct Options {
  std::vector<config::FlagValue> flags;
  std::optional<std::string> config_file;
  bool print_config = false;
};

// What a person who started it by hand wants to know first; where lines are read by programs, log lines.
void announce(const broker::Server& server, const Result<std::string>& context, telemetry::LogFormat format) {
  const std::string address = server.address().to_string();
  const std::string http = server.http_address().to_string();
  if (!context) {
    FELIX_LOG(logger, warn, "no client context written", {"why", to_string(context.error())});
  } else if (format == telemetry::LogFormat::json) {
    FELIX_LOG(logger, info, "client context written", {"context", *context});
  }
  if (format == telemetry::LogFormat::json) return;
  say("felix broker: clients on " + address + " (QUIC over UDP), /live, /ready and /metrics on http://" +
      http);
  if (context)
    say("felix broker: try `felix pub orders hello" +
        (*context == config::kDefaultContext ? std::string() : " --context " + *context) +
        "`; the client context '" + *context + "' is written");
}

// A certificate of ours that cannot be used is bad data, not a peer we could not reach.
Error start_error(Error error) {
  if (error.code == Errc::tls_failed) error.code = Errc::malformed;
  return error;
}

Result<ExitCode> run_broker(const Options& options) {
  std::vector<std::string> environment = config::process_environment();
  const std::string file = options.config_file.value_or(config::variable(environment, kConfigVariable));
  std::erase_if(environment,
                [](const std::string& line) { return line.starts_with(std::string(kConfigVariable) + "="); });
  FELIX_TRY(const config::Values values,
            config::load(config::broker_settings(),
                         {.flags = options.flags, .environment = environment, .file_path = file}));
  const config::Places places = config::find_places(environment, ::getuid());
  FELIX_TRY(const config::BrokerConfig config, config::make_broker_config(values, places));
  if (options.print_config) {
    FELIX_TRY(const broker::MemoryPlan memory,
              broker::plan_memory(config, broker::memory_source(config), broker::reactor_count(config)));
    FELIX_CHECK(write_output(config::print_config(values) + "\n" + memory.to_comment()));
    return ExitCode::done;
  }
  FELIX_CHECK(telemetry::configure_logging({.format = config.log.format, .levels = config.log.levels}));
  FELIX_TRY(broker::ServerOptions server_options, broker::server_options(config));
  const io::SystemClock clock;
  auto created = broker::Server::create(server_options, clock);
  if (!created) return std::unexpected(start_error(std::move(created).error()));
  const std::unique_ptr<broker::Server> server = std::move(*created);
  announce(*server, write_client_context(places.config_directory, server_options, *server),
           config.log.format);
  FELIX_CHECK(server->run());
  return ExitCode::done;
}

}  // namespace

Run declare_broker(Syntax& syntax) {
  auto options = std::make_shared<Options>();
  syntax.about(
      "Runs a broker until SIGINT or SIGTERM. With no setting at all it is secure and usable: at its first "
      "start\n"
      "it makes a certificate authority, a server certificate, a token key and an administrator's token in "
      "its\n"
      "state directory, and it writes a client context, so that felix pub, sub and cache of the same user "
      "work\n"
      "without options. Streams and caches are created when they are first used.\n\n"
      "Each setting may be given as a flag, an environment variable or a line of the configuration file; "
      "the\n"
      "first of these three that says something holds. Settings that are not understood are errors.\n\n"
      "SIGTERM or SIGINT drains: /ready answers 503, no new connection is taken, answers on their way are "
      "sent,\n"
      "connections are closed, and the exit code is 0. A second one ends the process at once. SIGHUP reads "
      "the\n"
      "files of --tls-cert and --tls-key, the token keys and the revocations of the state directory again;\n"
      "connections that stand are not disturbed.");
  syntax.option({"--config", "FILE", "read settings from this file, see felix.toml(5)",
                 text_into(options->config_file), "", kConfigVariable});
  syntax.flag("--print-config", options->print_config,
              "print the settings in force, where each comes from and what memory they amount to, without "
              "secrets, and "
              "end");
  declare_settings(syntax, config::broker_settings(), options->flags);
  syntax.example("felix broker", "run a broker for this user");
  syntax.example("felix broker --config /etc/felix.toml --log-format json", "run a service");
  syntax.example("felix broker --print-config > felix.toml", "begin a configuration file");
  return [options] { return run_broker(*options); };
}

}  // namespace felix::command
