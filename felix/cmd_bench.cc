#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/compare.h"
#include "bench/environment.h"
#include "bench/floor.h"
#include "bench/measure.h"
#include "bench/peers.h"
#include "bench/report.h"
#include "bench/result_json.h"
#include "bench/sparkline.h"
#include "bench/table.h"
#include "bench/targets_run.h"
#include "config/load.h"
#include "config/places.h"
#include "felix/bench_options.h"
#include "felix/bench_progress.h"
#include "felix/command.h"
#include "felix/standard_streams.h"
#include "io/clock.h"
#include "io/signals.h"

namespace felix::command {
namespace {

// The command that was typed, without the secret it may hold.
std::string typed_command() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::string text;
  bool secret = false;
  for (std::string word; std::getline(file, word, '\0');) {
    if (text.empty()) word = "felix";
    if (secret || word.starts_with("--token=")) word = "--token=...";
    secret = word == "--token";
    if (!secret) text.append(text.empty() ? "" : " ").append(word);
  }
  return text;
}

Status write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.flush();
  if (!file)
    return fail(Errc::storage, "cannot write " + path + "; check the directory, its permissions and space");
  return {};
}

Result<std::string> read_text(const std::string& path, const std::string& remedy) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return fail(Errc::not_found, "cannot read " + path + "; " + remedy);
  return text;
}

Result<std::vector<bench::Run>> read_runs(const std::string& path) {
  FELIX_TRY(const std::string text, read_text(path, "write it with felix bench --save"));
  auto runs = bench::parse_runs(text);
  if (!runs) return std::unexpected(with_context(path, std::move(runs).error()));
  return runs;
}

// Block characters where the reader can show them.
bench::Glyphs glyphs() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string value = config::variable(config::process_environment(), name);
    if (value.empty()) continue;
    const bool utf8 = value.find("UTF-8") != std::string::npos || value.find("utf8") != std::string::npos;
    return utf8 ? bench::Glyphs::unicode : bench::Glyphs::ascii;
  }
  return bench::Glyphs::ascii;
}

// Of the targets people read what they came to, and the runs that failed.
std::string text_of(const BenchOptions& options, const std::vector<bench::Run>& runs) {
  if (options.task != BenchTask::targets) return bench::render_table(runs, glyphs());
  std::vector<bench::Run> telling;
  std::ranges::copy_if(runs, std::back_inserter(telling),
                       [](const bench::Run& run) { return !run.verdict.ok; });
  std::string text;
  if (runs.back().verdict.ok) telling.push_back(runs.back());
  for (const bench::Run& run : telling) text += bench::render_table({run}, glyphs());
  return text;
}

Result<ExitCode> show(const BenchOptions& options, const std::vector<bench::Run>& runs) {
  if (options.save_file) FELIX_CHECK(write_file(*options.save_file, bench::encode_runs(runs)));
  if (options.report_file) FELIX_CHECK(write_file(*options.report_file, bench::render_report(runs)));
  FELIX_CHECK(write_output(options.json ? bench::encode_runs(runs) : text_of(options, runs)));
  const bool ok = std::ranges::all_of(runs, [](const bench::Run& run) { return run.verdict.ok; });
  const bool missed =
      options.fail_if_missed && std::ranges::any_of(runs, [](const bench::Run& run) {
        return std::ranges::any_of(run.targets, [](const auto& each) { return each.status != "met"; });
      });
  return ok && !missed ? ExitCode::done : ExitCode::failed;
}

Result<ExitCode> compare(const BenchOptions& options) {
  if (options.files.size() != 2)
    return fail(Errc::usage, "compare wants two files of --save: felix bench compare before.json after.json");
  FELIX_TRY(const auto before, read_runs(options.files[0]));
  FELIX_TRY(const auto after, read_runs(options.files[1]));
  const bench::Comparison comparison = bench::compare_runs(before, after);
  FELIX_CHECK(write_output(bench::render_comparison(comparison, glyphs())));
  const bool slower =
      options.fail_if_slower_percent &&
      bench::slower_by_more_than(comparison, static_cast<double>(*options.fail_if_slower_percent));
  return slower ? ExitCode::failed : ExitCode::done;
}

bool is_watched() { return is_terminal(STDERR_FILENO); }

bench::Floor take_floor(const BenchOptions& options) {
  using bench::Shape;
  bench::FloorOptions wanted;
  const bench::Request& request = options.request;
  if (options.task == BenchTask::floor) {
    std::error_code ignored;
    wanted.disk_directory = std::filesystem::temp_directory_path(ignored).string();
  } else {
    wanted.only_latency = request.shape != Shape::throughput && request.shape != Shape::fanout;
    wanted.relay = request.shape == Shape::sweep;  // the others take it beside each run
  }
  wanted.placement = request.placement;
  wanted.record_bytes = request.payload_bytes.value_or(wanted.record_bytes);
  wanted.relay_per_second = std::min<std::uint64_t>(request.rate.value_or(wanted.relay_per_second), 10'000);
  bench::Floor floor = bench::measure_floor(wanted, [](std::string_view probe) {
    if (is_watched()) show_progress("floor: " + std::string(probe));
  });
  if (is_watched()) show_progress("");
  return floor;
}

void add_floor(bench::Run& run, const bench::Floor& floor) {
  run.floor = floor.values;
  for (const std::string& line : floor.skipped) run.notes.push_back("floor: " + line);
}

Result<ExitCode> measure_floor_alone(const BenchOptions& options) {
  const io::SystemClock clock;
  bench::Run run;
  run.tool_version = FELIX_VERSION;
  run.started_at = bench::utc_text(clock.wall_now());
  run.shape = "floor";
  run.environment = bench::read_environment();
  run.environment.command = typed_command();
  add_floor(run, take_floor(options));
  return show(options, {std::move(run)});
}

// Who is measured: a broker of our own, or the one that was named.
class Measured {
 public:
  Measured(const BenchOptions& options, bench::Bench& bench) : options_(options), bench_(bench) {}

  // Also again: then with a fresh broker, where it is ours.
  Status renew() {
    if (!options_.spawn) {
      FELIX_TRY(bench_.options, connect_options(options_.client));
      return {};
    }
    bench_.broker = nullptr;
    broker_.reset();
    FELIX_TRY(broker_, bench::BrokerProcess::start("/proc/self/exe", options_.broker_options,
                                                   options_.request.placement.broker));
    bench_.broker = broker_.get();
    bench_.options = broker_->client_options();
    if (options_.client.timeout)
      bench_.options.connect_timeout = bench_.options.request_timeout = *options_.client.timeout;
    return {};
  }

 private:
  const BenchOptions& options_;
  bench::Bench& bench_;
  std::unique_ptr<bench::BrokerProcess> broker_;
};

Result<std::vector<bench::Run>> measure_shape(const BenchOptions& options, bench::Bench& bench) {
  std::optional<bench::Floor> floor;
  if (options.floor) floor = take_floor(options);
  bench::Request request = options.request;
  request.trials = options.trials.value_or(1);
  request.relay = options.floor;
  FELIX_TRY(std::vector<bench::Run> runs, bench::measure(bench, request, [](const bench::Run&) {
              if (is_watched()) show_progress("");
            }));
  if (floor)
    for (bench::Run& run : runs) add_floor(run, *floor);
  return runs;
}

Result<std::vector<bench::Run>> measure_targets(const BenchOptions& options, bench::Bench& bench,
                                                Measured& measured) {
  bench::TargetsRequest request;
  request.only = options.only;
  request.rounds = options.trials.value_or(request.rounds);
  request.warmup = options.request.warmup.value_or(request.warmup);
  request.duration = options.request.duration.value_or(request.duration);
  request.placement = options.request.placement;
  request.processes = options.request.processes;
  request.seed = options.request.seed;
  FELIX_CHECK(bench::check_targets(request));
  if (options.peers_file) {
    FELIX_TRY(const std::string text, read_text(*options.peers_file, "write it with scripts/peers"));
    auto peers = bench::parse_peers(text);
    if (!peers) return std::unexpected(with_context(*options.peers_file, std::move(peers).error()));
    request.peers = std::move(*peers);
  }
  return bench::measure_targets(bench, request, [&measured] { return measured.renew(); });
}

Result<ExitCode> measure(const BenchOptions& options) {
  const io::SystemClock clock;
  FELIX_TRY(const auto loop, io::Loop::create(clock));
  io::Signals::Actions actions;
  actions.on_terminate = [&loop](int) { loop->stop(); };
  FELIX_TRY(const auto signals, io::Signals::install(*loop, std::move(actions)));

  bench::Bench bench{
      .loop = *loop, .options = {}, .environment = bench::read_environment(), .on_progress = {}};
  bench.environment.command = typed_command();
  if (is_watched())
    bench.on_progress = [marks = glyphs()](const bench::Progress& progress) {
      show_progress(progress_line(progress, marks));
    };
  Measured measured(options, bench);
  const bool targets = options.task == BenchTask::targets;
  if (!targets) FELIX_CHECK(measured.renew());
  auto runs = targets ? measure_targets(options, bench, measured) : measure_shape(options, bench);
  if (is_watched()) show_progress("");
  if (!runs) return std::unexpected(std::move(runs).error());
  return show(options, *runs);
}

// The rows of the targets say what is measured.
Status check_no_load(const bench::Request& request) {
  const bool own = request.payload_bytes || request.batch || request.fanout || request.publishers ||
                   request.rate || request.max_rate || request.in_flight || request.records ||
                   request.connections || request.queue_capacity || request.ack || request.put ||
                   request.closed || request.json || request.original || request.allow_loss;
  if (own)
    return fail(Errc::usage,
                "targets has loads of its own; of those options it takes --duration, --warmup and --seed");
  return {};
}

Result<ExitCode> run(const BenchOptions& options) {
  if (!options.files.empty() && options.task != BenchTask::compare)
    return fail(Errc::usage, "only compare takes files; leave " + options.files.front() + " out");
  if (!options.spawn && !options.broker_options.empty())
    return fail(Errc::usage, "--broker-option is for the broker of --spawn; add --spawn or leave it out");
  if (options.task == BenchTask::compare) return compare(options);
  if (options.task == BenchTask::floor) return measure_floor_alone(options);
  if (options.task == BenchTask::targets) FELIX_CHECK(check_no_load(options.request));
  if (options.task != BenchTask::targets &&
      (!options.only.empty() || options.peers_file || options.fail_if_missed))
    return fail(Errc::usage, "--only, --peers and --fail-if-missed are of targets; leave them out");
  if (options.request.placement.broker && !options.spawn)
    return fail(Errc::usage, "--pin can only place a broker that was started for this; add --spawn");
  FELIX_CHECK(bench::check_placement(options.request.placement));
  // Before a broker is looked for.
  FELIX_TRY([[maybe_unused]] const auto loads, bench::make_loads(options.request));
  return measure(options);
}

}  // namespace

Run declare_bench(Syntax& syntax) {
  auto options = std::make_shared<BenchOptions>();
  syntax.about(
      "Measures a broker, over the network like any client: the one of --server or the context, or one that "
      "--spawn\n"
      "starts. Publishers and subscribers are threads with a connection each. They share the clock of this "
      "machine,\n"
      "so a record is timed from its publisher to every one of its subscribers, and each record is checked: "
      "a run in\n"
      "which one was lost, came twice or out of order fails.\n\n"
      "Latency is counted from the time a record was due by the schedule, so that a broker that stalls does "
      "not\n"
      "also silence the measurement of its stall; the time from the actual sending is shown beside it. "
      "Generators\n"
      "sleep between records and never spin. Payloads are random.\n\n"
      "targets measures every figure that Felix means to reach, in rounds, and says which are met. Latency "
      "is held "
      "against\n"
      "a raw UDP relay taken beside it, what no broker of this machine can beat, from the actual sending to "
      "the "
      "worst\n"
      "subscriber; rates that are to be a multiple of a peer\'s are held against the peer as --peers has "
      "it.\n\n"
      "throughput and fanout keep as much under way as the broker's default queues hold, so that nothing "
      "need "
      "be\n"
      "dropped; --in-flight says otherwise. A run that moved less than 128 MiB, or than 16 times that, is "
      "marked as\n"
      "too small to mean anything.\n\n"
      "Exit code 0 means that every run was measured and lost nothing, 1 that one failed.");
  declare_bench_options(syntax, *options);
  syntax.example("felix bench latency --spawn", "latency at 1000 records a second, by a broker of its own");
  syntax.example("felix bench throughput --payload 64 --duration 30s",
                 "how much the broker of the context carries");
  syntax.example("felix bench targets --spawn",
                 "everything Felix promises of its speed, met or missed, in two to three minutes");
  syntax.example("felix bench sweep --spawn --duration 3s --save sweep.json", "latency against load");
  syntax.example("felix bench compare before.json after.json",
                 "which figures moved, and whether it is evidence");
  return [options] { return run(*options); };
}

}  // namespace felix::command
