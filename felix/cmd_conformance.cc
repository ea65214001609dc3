#include <memory>

#include "conformance/live_runner.h"
#include "conformance/vector_runner.h"
#include "felix/client_flags.h"
#include "felix/command.h"
#include "felix/standard_streams.h"
#include "felix/values.h"
#include "io/clock.h"
#include "io/signals.h"

namespace felix::command {
namespace {

enum class Form : unsigned char { table, json, junit };

struct Options {
  ClientFlags client;
  std::optional<std::string> vectors;
  std::optional<std::string> broker;
  std::vector<std::string> only;
  std::string stream;
  std::string cache;
  Form form = Form::table;
  bool list = false;
  bool verbose = false;
};

Result<ExitCode> show(const conformance::Report& report, const Options& options) {
  switch (options.form) {
    case Form::table:
      FELIX_CHECK(write_output(conformance::format_table(report, options.verbose)));
      break;
    case Form::json:
      FELIX_CHECK(write_output(conformance::format_json(report)));
      break;
    case Form::junit:
      FELIX_CHECK(write_output(conformance::format_junit(report)));
      break;
  }
  return report.exit_code();
}

Result<ExitCode> run_offline(const Options& options) {
  std::vector<conformance::VectorFile> files = conformance::embedded_vectors();
  if (options.vectors) {
    FELIX_TRY(files, conformance::read_vectors(*options.vectors));
  }
  FELIX_TRY(const conformance::Report report,
            conformance::run_vectors(
                files, options.vectors ? "vectors of " + *options.vectors : "embedded vectors"));
  return show(report, options);
}

Result<ExitCode> run_live(const Options& options) {
  conformance::LiveOptions live;
  FELIX_TRY(live.connect, connect_options(options.client));
  live.only = options.only;
  live.stream = options.stream;
  live.cache = options.cache;
  if (options.client.timeout) live.timeout = *options.client.timeout;
  const io::SystemClock clock;
  FELIX_TRY(const auto loop, io::Loop::create(clock));
  io::Signals::Actions actions;
  actions.on_terminate = [&loop](int) { loop->stop(); };
  FELIX_TRY(const auto signals, io::Signals::install(*loop, std::move(actions)));
  FELIX_TRY(const conformance::Report report, conformance::run_live(*loop, live));
  return show(report, options);
}

Result<ExitCode> list_scenarios(const Options& options) {
  FELIX_TRY(const auto scenarios, conformance::live_scenarios(options.only));
  std::string text;
  for (const conformance::ScenarioSummary& scenario : scenarios)
    text.append(scenario.id).append("\t").append(scenario.sentence).append("\n");
  FELIX_CHECK(write_output(text));
  return ExitCode::done;
}

Result<ExitCode> run(Options& options) {
  if (options.broker) options.client.server = options.broker;
  if (options.broker && options.vectors)
    return fail(Errc::usage, "--broker and --vectors were both given; run one after the other");
  if (options.list) return list_scenarios(options);
  if (options.broker) return run_live(options);
  if (!options.only.empty())
    return fail(Errc::usage, "--only chooses among live scenarios; give --broker HOST:PORT too");
  return run_offline(options);
}

}  // namespace

Run declare_conformance(Syntax& syntax) {
  auto options = std::make_shared<Options>();
  syntax.about(
      "Runs the wire vectors built into this program against its own codecs: each is decoded, compared, "
      "encoded\n"
      "again and compared byte for byte; what must be refused must be refused as the vector says. With "
      "--vectors\n"
      "it runs those of a directory, also in the format of the original project.\n\n"
      "With --broker it runs scenarios against any Felix broker, of this project or another. What the broker "
      "does\n"
      "not advertise is skipped. Whom to trust and as whom to speak comes from the same options, environment "
      "and\n"
      "context as for felix pub.\n\n"
      "Exit code 0 means that every case passed or was skipped, 1 that one failed, 5 that a file is no "
      "vector file.");
  syntax.option(
      {"--vectors", "DIR", "run the *.json files of this directory instead", text_into(options->vectors)});
  syntax.option(
      {"--broker", "HOST:PORT", "run the live scenarios against this broker", text_into(options->broker)});
  syntax.flag("--list", options->list, "list the live scenarios and end");
  syntax.option({"--only", "IDS",
                 "only these live scenarios, separated by commas: cache.put_get, or a family, cache.*",
                 [options](std::string_view text) -> Status {
                   options->only = words_of(text, ',');
                   return {};
                 }});
  syntax.option({"--stream", "NAME", "with --broker: use this stream, where none is created on first use",
                 text_into(options->stream)});
  syntax.option({"--cache", "NAME", "with --broker: use this cache, where none is created on first use",
                 text_into(options->cache)});
  syntax.option({"--output", "table|json|junit", "form of the report on standard output",
                 choice_into<Form>(options->form,
                                   {{"table", Form::table}, {"json", Form::json}, {"junit", Form::junit}}),
                 "table"});
  syntax.flag("--verbose", options->verbose, "list the cases that passed too");
  declare_client_flags(syntax, options->client);
  syntax.example("felix conformance", "check this build");
  syntax.example("felix conformance --vectors ./vectors --output junit > report.xml",
                 "check other vectors in CI");
  syntax.example("felix conformance --broker 127.0.0.1:5000 --only 'pubsub.*,cache.*'",
                 "check a running broker");
  return [options] { return run(*options); };
}

}  // namespace felix::command
