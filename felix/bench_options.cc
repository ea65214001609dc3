#include "felix/bench_options.h"

#include <memory>

#include "felix/values.h"

namespace felix::command {
namespace {

constexpr std::uint64_t kMany = 1'000'000'000;

using bench::Shape;
using client::AckMode;

Status take_shape(std::string_view word, BenchOptions& options) {
  for (const Shape shape :
       {Shape::latency, Shape::throughput, Shape::fanout, Shape::cache, Shape::connect, Shape::sweep}) {
    if (word != bench::to_string(shape)) continue;
    options.request.shape = shape;
    return {};
  }
  if (word == "floor") {
    options.task = BenchTask::floor;
  } else if (word == "targets") {
    options.task = BenchTask::targets;
  } else if (word == "compare") {
    options.task = BenchTask::compare;
  } else {
    return fail(Errc::usage,
                "wants latency, throughput, fanout, cache, connect, sweep, targets, floor or compare");
  }
  return {};
}

void declare_load(Syntax& syntax, bench::Request& request) {
  const auto number = [&syntax](const char* name, std::optional<std::uint64_t>& into, std::uint64_t least,
                                std::uint64_t most, const char* sentence, const char* fallback) {
    syntax.option({name, "N", sentence, number_into(into, least, most), fallback, "", "Load"});
  };
  number("--payload", request.payload_bytes, 0, 16u << 20,
         "bytes of a record, its stamp of 16 included, or of a cached value",
         "256; 1024 for throughput and cache");
  number("--batch", request.batch, 1, 65536, "records in a publish",
         "1; for throughput as felix pub: 512 or 256 KiB");
  number("--fanout", request.fanout, 1, 4096, "subscribers", "1; 10 for fanout");
  number("--publishers", request.publishers, 1, 4096, "publishers, or clients of the cache", "1");
  number(
      "--rate", request.rate, 1, kMany,
      "records a second of all publishers together, sent on schedule whatever the broker does; for sweep the "
      "first rate",
      "1000");
  number("--max-rate", request.max_rate, 1, kMany, "sweep: where to give up looking for the knee", "1000000");
  number("--in-flight", request.in_flight, 1, 10'000'000,
         "unanswered publishes (--closed), requests (cache), handshakes (connect), or undelivered records "
         "(throughput)",
         "1; cache 1, 50 and 1024; connect 16; throughput half of the broker's queue");
  number("--records", request.records, 1, kMany * 1000, "end after so many, if before --duration", "");
  number("--connections", request.connections, 0, 100'000, "connect: idle connections to weigh", "400");
  number("--queue-capacity", request.queue_capacity, 1, 1'000'000,
         "batches the broker is asked to keep for a subscriber", "the broker's");
  syntax.option({"--duration", "TIME", "how long to measure, each run", duration_into(request.duration),
                 "10s; connect 5s, sweep 3s a rate, targets 2.5s a run", "", "Load"});
  syntax.option({"--warmup", "TIME", "how long to run before that", duration_into(request.warmup),
                 "1s; targets 300ms", "", "Load"});
  syntax.flag("--closed", request.closed,
              "closed loop: the next publish leaves when an earlier one is answered", "Load");
  syntax.option({"--ack", "none|per_message|per_batch", "what is acknowledged",
                 [&request](std::string_view word) {
                   return choice_into<AckMode>(request.ack.emplace(),
                                               {{"none", AckMode::none},
                                                {"per_message", AckMode::per_message},
                                                {"per_batch", AckMode::per_batch}})(word);
                 },
                 "per_batch", "", "Load"});
  syntax.flag("--json", request.json, "requests in JSON, as of clients that know no other encoding", "Load");
  syntax.option({"--op", "get|put|both", "cache: which requests",
                 [&request](std::string_view word) -> Status {
                   request.put.reset();
                   if (word == "both") return {};
                   return choice_into<bool>(request.put.emplace(), {{"get", false}, {"put", true}})(word);
                 },
                 "both", "", "Load"});
  syntax.option({"--stream", "NAME", "the stream", text_into(request.stream), request.stream, "", "Load"});
  syntax.option({"--cache", "NAME", "the cache", text_into(request.cache), request.cache, "", "Load"});
  syntax.option(
      {"--profile", "original",
       "exactly what the original project's harness measures: fan-out 1 and 10, payloads 0, 256, 1024 "
       "and 4096 after the stamp; latency: batch 1, acknowledged JSON, one in flight; throughput: "
       "batch 64, binary, not acknowledged",
       [&request](std::string_view word) -> Status {
         request.original = true;
         return word == "original" ? Status{} : fail(Errc::usage, "wants original");
       },
       "", "", "Load"});
  syntax.option({"--seed", "N", "where the random payloads begin",
                 [&request](std::string_view word) -> Status {
                   std::optional<std::uint64_t> seed;
                   FELIX_CHECK(number_into(seed, 0, UINT64_MAX)(word));
                   request.seed = *seed;
                   return {};
                 },
                 "1", "", "Load"});
}

}  // namespace

void declare_bench_options(Syntax& syntax, BenchOptions& options) {
  syntax.argument({"SHAPE", "latency, throughput, fanout, cache, connect, sweep, targets, floor or compare",
                   [&options](std::string_view word) { return take_shape(word, options); }, true});
  syntax.argument({"FILE", "compare: two files of --save",
                   [&options](std::string_view word) -> Status {
                     options.files.emplace_back(word);
                     return {};
                   },
                   false, true});
  syntax.flag(
      "--spawn", options.spawn,
      "start a broker for this, as a process of its own, and end it afterwards; its CPU time and memory "
      "are shown");
  syntax.option({"--broker-option", "OPTION",
                 "with --spawn: an option of felix broker, as --broker-option=--busy-poll; may be repeated",
                 [&options](std::string_view word) -> Status {
                   options.broker_options.emplace_back(word);
                   return {};
                 },
                 "", "", "", true});
  syntax.option({"--trials", "N", "measure each run so often, so that compare can tell noise from change",
                 [&options](std::string_view word) -> Status {
                   std::optional<std::uint64_t> trials;
                   FELIX_CHECK(number_into(trials, 1, 1000)(word));
                   options.trials = *trials;
                   return {};
                 },
                 "1; targets 3"});
  syntax.flag("--processes", options.request.processes,
              "publishers, subscribers and clients as processes instead of threads");
  syntax.option({"--pin", "CPUS",
                 "where broker (and the raw relay of --floor), publishers and subscribers run, as "
                 "broker=0,publisher=0,subscriber=1 or broker=0-3",
                 [&options](std::string_view word) -> Status {
                   FELIX_TRY(options.request.placement, bench::parse_placement(word));
                   return {};
                 },
                 "where the system puts them"});
  syntax.flag("--allow-loss", options.request.allow_loss, "lost records are shown, and no failure");
  syntax.flag("--floor", options.floor,
              "also take the limits of this machine, and show the ratios to them: before each paced run a "
              "raw UDP relay "
              "with its payload, rate and placement, for as long");
  syntax.option({"--output", "text|json", "form of the result",
                 choice_into<bool>(options.json, {{"text", false}, {"json", true}}), "text"});
  syntax.option({"--report", "FILE", "also write the result as one HTML page with plots, for a browser",
                 text_into(options.report_file)});
  syntax.option(
      {"--fail-if-slower", "PERCENT",
       "compare: exit 1 when a figure is worse by more than this, and chance alone would hardly do it",
       number_into(options.fail_if_slower_percent, 0, 1000)});
  syntax.option(
      {"--save", "FILE", "also write the result as JSON, for compare", text_into(options.save_file)});
  syntax.option({"--only", "ROW", "targets: measure only this row, as latency-f10; may be repeated",
                 [&options](std::string_view word) -> Status {
                   options.only.emplace_back(word);
                   return {};
                 },
                 "", "", "", true});
  syntax.option({"--peers", "FILE",
                 "targets: what other systems reach on this machine, as scripts/peers writes it; without it, "
                 "the published scale of another machine",
                 text_into(options.peers_file)});
  syntax.flag("--fail-if-missed", options.fail_if_missed, "targets: exit 1 when one is not met");
  declare_load(syntax, options.request);
  declare_client_flags(syntax, options.client);
}

}  // namespace felix::command
