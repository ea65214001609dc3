#include "bench/request_run.h"

#include <algorithm>

#include "bench/placement.h"

namespace felix::bench {
namespace {

constexpr Duration kTick = std::chrono::milliseconds(250);
constexpr Duration kShortTurn = std::chrono::milliseconds(25);
constexpr Duration kStartCheck = std::chrono::milliseconds(1);

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

void describe(Run& run, const RequestLoad& load) {
  run.parameters.publishers = load.clients;
  run.parameters.loop = "closed";
  run.parameters.warmup_s = seconds(load.warmup);
  run.parameters.duration_s = seconds(load.duration);
  run.parameters.processes = load.processes;
  run.parameters.placement = to_string(load.placement);
}

Status collect(Run& run, std::uint64_t measure_ns, const std::vector<RequestOutcome>& outcomes) {
  telemetry::Histogram all;
  std::uint64_t last_ns = 0;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const RequestOutcome& outcome = outcomes[i];
    if (outcome.error) return std::unexpected(*outcome.error);
    all.merge(outcome.latency_ns);
    run.counts.failed += outcome.failed;
    run.cpu.publisher_s += outcome.cpu_s;
    last_ns = std::max(last_ns, outcome.last_ns);
    note_cipher(run, outcome.cipher);
    if (outcome.first_failure)
      run.notes.push_back("the first of client " + std::to_string(i + 1) +
                          " that failed: " + to_string(*outcome.first_failure));
    ClientResult client;
    client.name = "client " + std::to_string(i + 1);
    client.received = outcome.latency_ns.count();
    client.latency = summarize(outcome.latency_ns);
    run.clients.push_back(std::move(client));
  }
  const auto answered = static_cast<double>(all.count());
  run.latency = summarize(all);
  run.counts.acked = run.counts.delivered = all.count();
  run.counts.published = run.counts.expected = all.count() + run.counts.failed;
  if (last_ns > measure_ns) run.rates.window_s = static_cast<double>(last_ns - measure_ns) * 1e-9;
  if (run.rates.window_s > 0)
    run.rates.submitted_per_s = run.rates.delivered_per_s = answered / run.rates.window_s;
  if (all.count() > 0) {
    run.cpu.broker_us_per_record = run.cpu.broker_s * 1e6 / answered;
    run.cpu.publisher_us_per_record = run.cpu.publisher_s * 1e6 / answered;
  }
  if (run.counts.failed > 0)
    run.verdict.reasons.push_back(std::to_string(run.counts.failed) + " requests failed");
  if (all.count() == 0) run.verdict.reasons.emplace_back("nothing was answered");
  run.verdict.ok = run.verdict.reasons.empty();
  return {};
}

}  // namespace

Status run_requests(Bench& bench, const RequestLoad& load, const RequestWorkers::Work& work, Run& run) {
  if (load.clients < 1 || load.clients > kMaxRequestClients)
    return fail(Errc::usage, "--publishers wants a number from 1 to " + std::to_string(kMaxRequestClients) +
                                 " for this shape");
  describe(run, load);
  const auto pinned = [&](RequestBoard& board, std::size_t index) {
    pin_this_thread(load.placement.publisher);
    return work(board, index);
  };
  FELIX_TRY(const auto workers, RequestWorkers::start(load.clients, load.processes, pinned));
  // Turns the loop a little at a time, for signals and because the clients ring no bell.
  const auto wait = [&](MonoTime deadline, const auto& done) {
    while (!done() && !bench.loop.stopping() && bench.loop.clock().now() < deadline)
      bench.loop.run_until(done, std::min(deadline, bench.loop.clock().now() + kShortTurn));
  };
  const auto finished = [&] { return workers->all_finished(); };
  wait(kNever, [&] { return workers->all_ready(); });
  const MonoTime start = bench.loop.clock().now();
  const MonoTime measure = start + load.warmup;
  workers->board().start_ns.store(nanos_since_epoch(start));
  wait(measure, finished);
  const double broker_before_s = bench.broker != nullptr ? bench.broker->cpu_s() : 0;
  Progress progress;
  progress.what = load.what;
  progress.total_s = seconds(load.duration);
  std::uint64_t before = 0;
  MonoTime next = measure;
  while (!finished() && !bench.loop.stopping()) {
    next += kTick;
    wait(next, finished);
    const std::uint64_t answered = workers->board().answered();
    progress.per_s = static_cast<double>(answered - before) / seconds(kTick);
    before = answered;
    progress.elapsed_s = seconds(next - measure);
    run.timeline.push_back({progress.elapsed_s, progress.per_s, 0, 0});
    if (bench.on_progress) bench.on_progress(progress);
  }
  if (bench.broker != nullptr) run.cpu.broker_s = bench.broker->cpu_s() - broker_before_s;
  workers->board().stop.store(true);
  const std::vector<RequestOutcome>& outcomes = workers->join();
  if (bench.loop.stopping()) return fail(Errc::interrupted, "the measurement was interrupted");
  return collect(run, nanos_since_epoch(measure), outcomes);
}

std::uint64_t await_start(io::Loop& loop, RequestBoard& board) {
  board.ready.fetch_add(1);
  while (board.start_ns.load() == 0 && !board.stop.load()) loop.turn(loop.clock().now() + kStartCheck);
  return board.start_ns.load();
}

}  // namespace felix::bench
