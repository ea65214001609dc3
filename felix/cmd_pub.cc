#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

#include "felix/client_shell.h"
#include "felix/command.h"
#include "felix/publish_pump.h"
#include "felix/publish_report.h"
#include "felix/standard_streams.h"
#include "felix/values.h"

namespace felix::command {
namespace {

using client::AckMode;

constexpr Duration kInterruptGrace = std::chrono::seconds(1);
constexpr std::uint64_t kMaxBatch = 65536;

enum class Format : unsigned char { lines, raw, length_delimited };

struct Options {
  ClientFlags client;
  PublishPlan plan;
  std::optional<std::string> file;
  std::optional<std::string> key;
  std::optional<std::uint64_t> batch;
  Format format = Format::lines;
  bool json = false;
  bool verbose = false;
};

// Completes the plan; `file_fd` is an opened file, to be closed by the caller.
Status plan_source(Options& options, int& file_fd) {
  PublishPlan& plan = options.plan;
  if (options.plan.ack == AckMode::per_message && options.batch.value_or(1) != 1)
    return fail(Errc::usage,
                "--ack per_message sends every record alone; leave --batch out, or use --ack per_batch");
  if (plan.ack == AckMode::per_message) options.batch = 1;
  if (options.batch) plan.batch_records = static_cast<std::uint32_t>(*options.batch);
  if (options.key) {
    const Bytes key = as_bytes(*options.key);
    plan.key.emplace(key.begin(), key.end());
  }
  if (options.format == Format::lines) plan.framing = io::Framing::lines;
  if (options.format == Format::length_delimited) plan.framing = io::Framing::length_delimited;
  if (!plan.messages.empty()) {
    if (options.file) return fail(Errc::usage, "--file and MESSAGE were both given; leave one of them out");
    return {};
  }
  plan.input_fd = STDIN_FILENO;
  if (!options.file || *options.file == "-") return {};
  file_fd = ::open(options.file->c_str(), O_RDONLY | O_CLOEXEC);
  if (file_fd < 0)
    return fail(Errc::storage, "cannot read --file " + *options.file + " (" +
                                   std::string(std::strerror(errno)) +
                                   "); check the path and its permissions");
  plan.input_fd = file_fd;
  return {};
}

Result<ExitCode> publish(const Options& options) {
  FELIX_TRY(auto shell, ClientShell::open(options.client));
  client::Session& session = shell->session();
  PublishPump pump(session, options.plan);
  shell->set_on_interrupt([&pump] { pump.stop(); });
  const MonoTime begun = shell->loop().clock().now();
  PublishProgress progress(shell->loop(), pump.totals(),
                           is_terminal(STDERR_FILENO) && options.plan.input_fd >= 0);
  pump.start();
  const auto settled = [&] { return pump.finished() || pump.hopeless() || shell->interrupted(); };
  const Status waited = session.wait_for(settled);
  if (shell->interrupted())
    (void)session.wait_for([&] { return pump.finished(); }, session.now() + kInterruptGrace);
  progress.clear();
  const bool connected = session.ready();
  pump.abandon();
  session.close();

  const PublishTotals& totals = pump.totals();
  const Duration took = shell->loop().clock().now() - begun;
  if (options.json) {
    say(summary_json(totals, took, options.plan.ack));
  } else if (options.verbose || is_terminal(STDERR_FILENO)) {
    say(summary_text(totals, took, options.plan.ack));
  }
  const std::string losses = losses_text(totals, connected);
  if (pump.error()) {
    Error error = *pump.error();
    if (!losses.empty()) error.context += " (" + losses + ")";
    return std::unexpected(std::move(error));
  }
  if (!losses.empty()) say("felix pub: " + losses);
  if (shell->interrupted()) return ExitCode::interrupted;
  if (!waited) return std::unexpected(waited.error());
  return ExitCode::done;
}

}  // namespace

Run declare_pub(Syntax& syntax) {
  auto options = std::make_shared<Options>();
  syntax.about(
      "Publishes each MESSAGE as a record. Without MESSAGE it reads records from standard input, or from "
      "--file,\n"
      "to the end: by default one a line. Memory stays constant however long the input is, and records of "
      "one\n"
      "call stay in order.\n\n"
      "Records that wait are sent together; a lone record is never held back for others.\n\n"
      "Exit code 0 means that every record got the acknowledgement asked for. When the connection is lost, "
      "what\n"
      "was sent and not answered is reported as unknown and never sent again: whoever calls knows best "
      "whether\n"
      "a second copy does harm.");
  PublishPlan& plan = options->plan;
  syntax.argument({"STREAM", "the stream", text_into(plan.stream), true});
  syntax.argument({"MESSAGE", "a record; none: records are read from standard input",
                   [&plan](std::string_view text) -> Status {
                     plan.messages.emplace_back(text);
                     return {};
                   },
                   false, true});
  syntax.option(
      {"--file", "FILE", "read records from this file; - is standard input", text_into(options->file)});
  syntax.option(
      {"--format", "lines|raw|length-delimited",
       "how the input is cut: one record a line, all of it as one record, or each record after its length "
       "as four big-endian bytes",
       choice_into<Format>(
           options->format,
           {{"lines", Format::lines}, {"raw", Format::raw}, {"length-delimited", Format::length_delimited}}),
       "lines"});
  syntax.option({"--key", "KEY", "routing key: records of one key stay in order in a sharded stream",
                 text_into(options->key)});
  syntax.option({"--ack", "none|per_message|per_batch",
                 "what is acknowledged: nothing, every record sent alone, or every batch",
                 choice_into<AckMode>(plan.ack, {{"none", AckMode::none},
                                                 {"per_message", AckMode::per_message},
                                                 {"per_batch", AckMode::per_batch}}),
                 "per_batch"});
  syntax.option({"--batch", "N", "at most so many records in a batch",
                 number_into(options->batch, 1, kMaxBatch), std::to_string(plan.batch_records)});
  syntax.option({"--rate", "N", "at most so many records a second",
                 number_into(plan.records_per_second, 1, 1'000'000'000)});
  syntax.option(
      {"--output", "text|json",
       "form of the summary on standard error: records, bytes, seconds, latency of acknowledgements. "
       "Without it the summary is shown on a terminal only",
       [options](std::string_view text) -> Status {
         return choice_into<bool>(options->json, {{"text", false}, {"json", true}})(text);
       },
       "text"});
  syntax.flag("--verbose", options->verbose, "show the summary also when standard error is no terminal");
  declare_client_flags(syntax, options->client);
  syntax.example("felix pub orders hello", "publish one record");
  syntax.example("tail -f app.log | felix pub logs --key app", "publish lines as they come");
  syntax.example("felix pub orders --file orders.bin --format length-delimited --output json",
                 "publish binary records and print what was done");
  return [options]() -> Result<ExitCode> {
    int file_fd = -1;
    FELIX_CHECK(plan_source(*options, file_fd));
    Result<ExitCode> outcome = publish(*options);
    if (file_fd >= 0) ::close(file_fd);
    return outcome;
  };
}

}  // namespace felix::command
