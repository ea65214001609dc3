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
#include "bench/report.h"
#include "bench/result_json.h"
#include "bench/sparkline.h"
#include "bench/table.h"
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

Result<std::vector<bench::Run>> read_runs(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return fail(Errc::not_found, "cannot read " + path + "; write it with felix bench --save");
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

Result<ExitCode> show(const BenchOptions& options, const std::vector<bench::Run>& runs) {
  if (options.save_file) FELIX_CHECK(write_file(*options.save_file, bench::encode_runs(runs)));
  if (options.report_file) FELIX_CHECK(write_file(*options.report_file, bench::render_report(runs)));
  FELIX_CHECK(write_output(options.json ? bench::encode_runs(runs) : bench::render_table(runs, glyphs())));
  const bool ok = std::ranges::all_of(runs, [](const bench::Run& run) { return run.verdict.ok; });
  return ok ? ExitCode::done : ExitCode::failed;
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
  }
  wanted.record_bytes =
      std::clamp<std::uint64_t>(request.payload_bytes.value_or(wanted.record_bytes), 16, 1400);
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

Result<ExitCode> measure(const BenchOptions& options) {
  const io::SystemClock clock;
  FELIX_TRY(const auto loop, io::Loop::create(clock));
  io::Signals::Actions actions;
  actions.on_terminate = [&loop](int) { loop->stop(); };
  FELIX_TRY(const auto signals, io::Signals::install(*loop, std::move(actions)));

  std::unique_ptr<bench::BrokerProcess> broker;
  bench::Bench bench{
      .loop = *loop, .options = {}, .environment = bench::read_environment(), .on_progress = {}};
  bench.environment.command = typed_command();
  if (options.spawn) {
    FELIX_TRY(broker, bench::BrokerProcess::start("/proc/self/exe", options.broker_options));
    bench.broker = broker.get();
    bench.options = broker->client_options();
    if (options.client.timeout)
      bench.options.connect_timeout = bench.options.request_timeout = *options.client.timeout;
  } else {
    FELIX_TRY(bench.options, connect_options(options.client));
  }
  std::optional<bench::Floor> floor;
  if (options.floor) floor = take_floor(options);
  if (is_watched())
    bench.on_progress = [marks = glyphs()](const bench::Progress& progress) {
      show_progress(progress_line(progress, marks));
    };
  auto runs = bench::measure(bench, options.request, [](const bench::Run&) {
    if (is_watched()) show_progress("");
  });
  if (is_watched()) show_progress("");
  if (!runs) return std::unexpected(std::move(runs).error());
  if (floor)
    for (bench::Run& run : *runs) add_floor(run, *floor);
  return show(options, *runs);
}

Result<ExitCode> run(const BenchOptions& options) {
  if (!options.files.empty() && options.task != BenchTask::compare)
    return fail(Errc::usage, "only compare takes files; leave " + options.files.front() + " out");
  if (!options.spawn && !options.broker_options.empty())
    return fail(Errc::usage, "--broker-option is for the broker of --spawn; add --spawn or leave it out");
  if (options.task == BenchTask::compare) return compare(options);
  if (options.task == BenchTask::floor) return measure_floor_alone(options);
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
  syntax.example("felix bench sweep --spawn --duration 3s --save sweep.json", "latency against load");
  syntax.example("felix bench compare before.json after.json",
                 "which figures moved, and whether it is evidence");
  return [options] { return run(*options); };
}

}  // namespace felix::command
