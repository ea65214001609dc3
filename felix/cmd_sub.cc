#include <algorithm>
#include <charconv>
#include <memory>

#include "felix/client_shell.h"
#include "felix/command.h"
#include "felix/record_printer.h"
#include "felix/standard_streams.h"
#include "felix/values.h"
#include "io/file.h"

namespace felix::command {
namespace {

constexpr Duration kInterruptGrace = std::chrono::seconds(1);
// In batches. A pipe between two programs is slow for a moment more often than it is for good, and the broker
// bounds the bytes anyway.
constexpr std::uint64_t kDefaultQueue = 4096;

struct Options {
  ClientFlags client;
  client::SubscribeOptions subscription;
  PrintPlan plan;
  std::optional<std::string> ready_file;
  std::optional<std::uint64_t> queue = kDefaultQueue;
  bool verbose = false;
};

Take start_into(client::Start& into) {
  return [&into](std::string_view text) -> Status {
    Offset offset = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
    if (text == "latest") {
      into = client::Start::latest();
    } else if (text == "earliest") {
      into = client::Start::earliest();
    } else if (error == std::errc{} && end == text.data() + text.size()) {
      into = client::Start::from(offset);
    } else {
      return fail(Errc::usage, "wants latest, earliest or the offset of a record");
    }
    return {};
  };
}

Take with_into(client::SubscribeOptions& into) {
  return [&into](std::string_view text) -> Status {
    for (std::size_t from = 0; from <= text.size();) {
      const std::size_t comma = std::min(text.find(',', from), text.size());
      const std::string_view word = text.substr(from, comma - from);
      if (word == "publisher") {
        into.with_publisher = true;
      } else if (word == "timestamp") {
        into.with_timestamps = true;
      } else {
        return fail(Errc::usage, "wants publisher, timestamp, or both with a comma between them");
      }
      from = comma + 1;
    }
    return {};
  };
}

Status tell_ready(const Options& options, const client::Subscriber& subscriber) {
  if (options.verbose) {
    const auto& answer = subscriber.subscribed();
    const bool known = answer && answer->start_offset;
    say("felix sub: subscribed to " + options.subscription.stream +
        (known ? " from offset " + std::to_string(*answer->start_offset) : ""));
  }
  if (!options.ready_file) return {};
  return io::write_file_atomically(*options.ready_file, as_bytes("subscribed\n"), 0644);
}

Result<ExitCode> outcome_of(const Options& options, const RecordPrinter& printer,
                            const client::Subscriber& subscriber) {
  if (printer.output().state() == io::PipeWriter::State::failed)
    return std::unexpected(printer.output().error());
  if (printer.output().state() == io::PipeWriter::State::reader_gone || printer.enough())
    return ExitCode::done;
  if (printer.idle()) {
    if (!options.plan.count) return ExitCode::done;
    return fail(Errc::timed_out,
                std::to_string(printer.records()) + " of " + std::to_string(*options.plan.count) +
                    " records came before --idle-timeout; give more time or a lower --count");
  }
  return std::unexpected(subscriber.error().value_or(Error{Errc::unavailable, "the subscription ended"}));
}

Result<ExitCode> subscribe(const Options& options) {
  FELIX_TRY(auto shell, ClientShell::open(options.client));
  client::Session& session = shell->session();
  client::Subscriber subscriber(session, options.subscription);
  FELIX_CHECK(subscriber.wait_live(session.now() + session.options().request_timeout));
  FELIX_CHECK(tell_ready(options, subscriber));

  shell->set_on_interrupt([] {});
  RecordPrinter printer(shell->loop(), subscriber, options.plan);
  const Status waited = session.wait_for([&] { return printer.finished() || shell->interrupted(); });
  // What was taken is written to the end, but an interrupt does not wait long for a reader who sleeps.
  bool late = false;
  io::Timer grace(shell->loop(), [&late] { late = true; });
  if (shell->interrupted()) grace.arm(shell->loop().now() + kInterruptGrace);
  shell->set_on_interrupt([&] { grace.arm(shell->loop().now() + kInterruptGrace); });
  shell->loop().run_until([&] { return printer.written() || late; }, kNever);
  const bool finished = printer.finished();
  const Result<ExitCode> outcome =
      finished ? outcome_of(options, printer, subscriber) : ExitCode::interrupted;
  subscriber.unsubscribe();
  session.close();

  printer.report_losses();
  if (options.verbose)
    say("felix sub: " + std::to_string(printer.records()) + " records, " + std::to_string(printer.dropped()) +
        " dropped");
  if (finished || shell->interrupted()) return outcome;
  return std::unexpected(waited.error());
}

}  // namespace

Run declare_sub(Syntax& syntax) {
  auto options = std::make_shared<Options>();
  syntax.about(
      "Prints the records of STREAM as they come, until interrupted or until --count or --idle-timeout ends "
      "it.\n"
      "Memory stays constant however slow the reader of the output is: the broker then keeps its part, and\n"
      "records it had to drop are reported on standard error.\n\n"
      "A connection that is lost is made again, and the subscription goes on at the next offset.\n\n"
      "A script that publishes and must not miss the first record waits for --ready-file to appear.\n\n"
      "When nobody reads the output any more (\"felix sub ... | head -1\"), it ends quietly with exit code "
      "0.");
  syntax.argument({"STREAM", "the stream", text_into(options->subscription.stream), true});
  syntax.option({"--from", "latest|earliest|OFFSET",
                 "where to begin: new records only, the oldest one kept, or the one with this offset",
                 start_into(options->subscription.start), "latest"});
  syntax.option(
      {"--count", "N", "end after so many records", number_into(options->plan.count, 1, UINT64_MAX)});
  syntax.option(
      {"--format", "raw|lines|length-delimited|json",
       "how records are printed: with nothing between them, one a line, each after its length as four "
       "big-endian bytes, or one JSON object a line (offset, and payload or payload_base64)",
       choice_into<RecordFormat>(options->plan.format, {{"raw", RecordFormat::raw},
                                                        {"lines", RecordFormat::lines},
                                                        {"length-delimited", RecordFormat::length_delimited},
                                                        {"json", RecordFormat::json}}),
       "lines"});
  syntax.option({"--output", "text|json", "json is the same as --format json",
                 [options](std::string_view text) -> Status {
                   bool json = false;
                   FELIX_CHECK(choice_into<bool>(json, {{"text", false}, {"json", true}})(text));
                   if (json) options->plan.format = RecordFormat::json;
                   return {};
                 }});
  syntax.option(
      {"--with", "publisher,timestamp",
       "say with each JSON object who published the record (publisher) and when the broker appended it "
       "(timestamp_micros, since 1970); one of the two or both",
       with_into(options->subscription)});
  syntax.option({"--idle-timeout", "TIME",
                 "end after so long without a record; a failure only if --count was not reached",
                 duration_into(options->plan.idle_timeout)});
  syntax.option(
      {"--queue", "N",
       "batches that may wait at the broker for this subscription, if the broker lets clients choose",
       number_into(options->queue, 1, UINT32_MAX), std::to_string(kDefaultQueue)});
  syntax.option({"--ready-file", "FILE",
                 "write this file once subscribed: from then on no new record is missed",
                 text_into(options->ready_file)});
  syntax.flag("--verbose", options->verbose,
              "say on standard error when subscribed, and how many records came");
  declare_client_flags(syntax, options->client);
  syntax.example("felix sub orders --from earliest --count 10", "print the ten oldest records kept");
  syntax.example("felix sub orders --format json | jq .payload", "take records apart with another program");
  syntax.example("felix sub orders --format json --with publisher,timestamp",
                 "see who published what, and when");
  return [options]() -> Result<ExitCode> {
    if (options->queue) options->subscription.queue_capacity = static_cast<std::uint32_t>(*options->queue);
    const bool wants_more = options->subscription.with_publisher || options->subscription.with_timestamps;
    if (wants_more && options->plan.format != RecordFormat::json)
      return fail(Errc::usage, "--with needs --format json");
    return subscribe(*options);
  };
}

}  // namespace felix::command
