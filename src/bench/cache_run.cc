#include "bench/cache_run.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "bench/payload.h"
#include "bench/thread_cpu.h"
#include "client/cache_client.h"
#include "client/session.h"
#include "io/clock.h"

namespace felix::bench {
namespace {

constexpr Duration kTick = std::chrono::milliseconds(250);
// The client keeps at most so much on one channel by itself.
constexpr std::size_t kInFlightBytes = 64u << 20;

double seconds(std::uint64_t ns) { return static_cast<double>(ns) * 1e-9; }

// One client: a thread, a loop, a connection.
class CacheWorker {
 public:
  CacheWorker(const CacheLoad& load, client::ConnectOptions options, std::size_t index)
      : load_(load), options_(std::move(options)), payload_(load.seed + index, load.payload_bytes) {
    options_.reconnect.enabled = false;
    if (load.json) options_.client_features_hi = 0;
  }

  // `prefilled` is counted up when the keys are there; `stop` may be set by anyone.
  void run(std::atomic<std::uint64_t>& prefilled, const std::atomic<std::uint64_t>& start_ns,
           const std::atomic<bool>& stop) {
    if (Status status = work(prefilled, start_ns, stop); !status) error_ = status.error();
    prefilled.fetch_add(error_ && !filled_ ? 1 : 0);
    done_.store(true);
  }

  bool done() const { return done_.load(); }
  const std::optional<Error>& error() const { return error_; }
  const telemetry::Histogram& latency() const { return latency_; }
  std::uint64_t failed() const { return failed_; }
  std::uint64_t missed() const { return missed_; }
  double cpu_s() const { return cpu_s_; }
  std::uint64_t measure_ns() const { return measure_ns_; }
  std::uint64_t last_ns() const { return last_ns_; }
  std::uint64_t answered() const { return answered_.load(std::memory_order_relaxed); }

 private:
  Status work(std::atomic<std::uint64_t>& prefilled, const std::atomic<std::uint64_t>& start_ns,
              const std::atomic<bool>& stop) {
    const io::SystemClock clock;
    FELIX_TRY(const auto loop, io::Loop::create(clock));
    FELIX_TRY(const auto session, client::Session::create(*loop, options_));
    FELIX_CHECK(session->connect());
    client::CacheClient cache(*session, {.channels = 1,
                                         .in_flight_bytes = kInFlightBytes,
                                         .in_flight_frames = std::max<std::size_t>(load_.in_flight, 1)});
    cache_ = &cache;
    clock_ = &clock;
    for (std::uint64_t i = 0; i < load_.keys; ++i)
      cache.put(key(i), value(), std::nullopt, [this](const Status& status) {
        if (!status && !error_) error_ = status.error();
      });
    FELIX_CHECK(cache.flush(loop->clock().now() + options_.request_timeout));
    if (error_) return std::unexpected(*error_);
    filled_ = true;
    prefilled.fetch_add(1);

    while (start_ns.load() == 0 && !stop.load()) loop->turn(clock.now() + std::chrono::milliseconds(1));
    measure_ns_ = start_ns.load() + static_cast<std::uint64_t>(load_.warmup.count());
    until_ns_ = measure_ns_ + static_cast<std::uint64_t>(load_.duration.count());
    asking_ = true;
    for (std::uint64_t i = 0; i < load_.in_flight; ++i) ask();
    const Status waited = session->wait_for([&] { return outstanding_ == 0 || stop.load(); });
    asking_ = false;
    if (cpu_before_ns_ > 0) cpu_s_ = seconds(thread_cpu_ns() - cpu_before_ns_);
    return waited;
  }

  client::CacheKey key(std::uint64_t i) const {
    return {.namespace_id = {}, .cache = load_.cache, .key = "key-" + std::to_string(i % load_.keys)};
  }
  flow::Slice value() {
    std::vector<std::byte> bytes(load_.payload_bytes);
    payload_.fill(bytes);
    return flow::Slice::copy_of(bytes);
  }
  std::uint64_t now_ns() const { return nanos_since_epoch(clock_->now()); }

  void ask() {
    const std::uint64_t now = now_ns();
    if (now >= until_ns_) return;
    if (now >= measure_ns_ && cpu_before_ns_ == 0) cpu_before_ns_ = thread_cpu_ns();
    ++outstanding_;
    if (load_.put) {
      cache_->put(key(next_++), value(), std::nullopt,
                  [this, now](const Status& status) { on_answer(now, status.has_value()); });
    } else {
      cache_->get(key(next_++), [this, now](const Result<client::CacheEntry>& entry) {
        if (entry && !entry->value) ++missed_;
        on_answer(now, entry.has_value());
      });
    }
  }
  void on_answer(std::uint64_t asked_ns, bool good) {
    --outstanding_;
    if (!good) ++failed_;
    const std::uint64_t now = now_ns();
    if (good && asked_ns >= measure_ns_) {
      latency_.record(now - asked_ns);
      last_ns_ = now;
      answered_.store(latency_.count(), std::memory_order_relaxed);
    }
    if (asking_ && good) ask();
  }

  const CacheLoad& load_;
  client::ConnectOptions options_;
  PayloadSource payload_;
  client::CacheClient* cache_ = nullptr;
  const io::Clock* clock_ = nullptr;
  std::optional<Error> error_;
  telemetry::Histogram latency_;
  std::uint64_t measure_ns_ = 0;
  std::uint64_t until_ns_ = 0;
  std::uint64_t next_ = 0;
  std::uint64_t outstanding_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t missed_ = 0;
  std::uint64_t last_ns_ = 0;
  std::uint64_t cpu_before_ns_ = 0;
  double cpu_s_ = 0;
  bool filled_ = false;
  bool asking_ = false;
  std::atomic<std::uint64_t> answered_{0};
  std::atomic<bool> done_{false};
};

void describe(Run& run, const CacheLoad& load) {
  Parameters& parameters = run.parameters;
  parameters.payload_bytes = load.payload_bytes;
  parameters.operation = load.put ? "put" : "get";
  parameters.in_flight = load.in_flight;
  parameters.publishers = load.clients;
  parameters.loop = "closed";
  parameters.encoding = load.json ? "json" : "binary";
  parameters.durability = "memory";
  parameters.seed = load.seed;
  parameters.warmup_s = std::chrono::duration<double>(load.warmup).count();
  parameters.duration_s = std::chrono::duration<double>(load.duration).count();
}

void collect(Run& run, const CacheLoad& load, const std::vector<std::unique_ptr<CacheWorker>>& workers) {
  telemetry::Histogram all;
  std::uint64_t first_ns = UINT64_MAX;
  std::uint64_t last_ns = 0;
  std::uint64_t missed = 0;
  for (std::size_t i = 0; i < workers.size(); ++i) {
    const CacheWorker& worker = *workers[i];
    all.merge(worker.latency());
    run.counts.failed += worker.failed();
    missed += worker.missed();
    run.cpu.publisher_s += worker.cpu_s();
    first_ns = std::min(first_ns, worker.measure_ns());
    last_ns = std::max(last_ns, worker.last_ns());
    ClientResult client;
    client.name = "client " + std::to_string(i + 1);
    client.received = worker.latency().count();
    client.latency = summarize(worker.latency());
    run.clients.push_back(std::move(client));
  }
  run.latency = summarize(all);
  run.counts.published = run.counts.acked = run.counts.delivered = run.counts.expected = all.count();
  if (last_ns > first_ns) run.rates.window_s = seconds(last_ns - first_ns);
  if (run.rates.window_s > 0)
    run.rates.delivered_per_s = static_cast<double>(all.count()) / run.rates.window_s;
  run.rates.submitted_per_s = run.rates.delivered_per_s;
  run.rates.delivered_mb_per_s = run.rates.delivered_per_s * static_cast<double>(load.payload_bytes) * 1e-6;
  run.rates.submitted_mb_per_s = run.rates.delivered_mb_per_s;
  run.rates.moved_bytes = all.count() * load.payload_bytes;
  if (all.count() > 0) {
    run.cpu.broker_us_per_record = run.cpu.broker_s * 1e6 / static_cast<double>(all.count());
    run.cpu.publisher_us_per_record = run.cpu.publisher_s * 1e6 / static_cast<double>(all.count());
  }
  if (run.counts.failed > 0)
    run.verdict.reasons.push_back(std::to_string(run.counts.failed) + " requests failed");
  if (missed > 0) run.verdict.reasons.push_back(std::to_string(missed) + " values had gone");
  if (all.count() == 0) run.verdict.reasons.emplace_back("nothing was answered");
  run.verdict.ok = run.verdict.reasons.empty();
  run.notes.emplace_back("one CLOCK_MONOTONIC, request to answer, in the client");
}

}  // namespace

Result<Run> run_cache(Bench& bench, const CacheLoad& load) {
  Run run = begin_run(bench, "cache");
  describe(run, load);
  std::atomic<std::uint64_t> prefilled{0};
  std::atomic<std::uint64_t> start_ns{0};
  std::atomic<bool> stop{false};
  std::vector<std::unique_ptr<CacheWorker>> workers;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < load.clients; ++i)
    workers.push_back(std::make_unique<CacheWorker>(load, bench.options, i));
  for (const auto& worker : workers)
    threads.emplace_back(
        [&worker = *worker, &prefilled, &start_ns, &stop] { worker.run(prefilled, start_ns, stop); });
  const auto all_done = [&] {
    return std::ranges::all_of(workers, [](const auto& worker) { return worker->done(); });
  };
  Progress progress;
  progress.what = "cache " + run.parameters.operation + ", " + std::to_string(load.payload_bytes) + " B, " +
                  std::to_string(load.in_flight) + " in flight";
  progress.total_s = run.parameters.duration_s;
  // Turns the loop for a tick at a time: signals, progress and the clock.
  const auto wait = [&](MonoTime deadline, const auto& done) {
    while (!done() && !bench.loop.stopping() && bench.loop.clock().now() < deadline)
      bench.loop.run_until(done, std::min(deadline, bench.loop.clock().now() + kTick / 10));
  };
  wait(kNever, [&] { return prefilled.load() == load.clients || all_done(); });
  const MonoTime start = bench.loop.clock().now();
  start_ns.store(nanos_since_epoch(start));
  const MonoTime measure = start + load.warmup;
  wait(measure, all_done);
  const double broker_before_s = bench.broker != nullptr ? bench.broker->cpu_s() : 0;
  std::uint64_t before = 0;
  MonoTime next = measure;
  while (!all_done() && !bench.loop.stopping()) {
    next += kTick;
    wait(next, all_done);
    std::uint64_t answered = 0;
    for (const auto& worker : workers) answered += worker->answered();
    progress.per_s = static_cast<double>(answered - before) / std::chrono::duration<double>(kTick).count();
    before = answered;
    progress.elapsed_s = std::chrono::duration<double>(next - measure).count();
    run.timeline.push_back({progress.elapsed_s, progress.per_s, 0, 0});
    if (bench.on_progress) bench.on_progress(progress);
  }
  if (bench.broker != nullptr) run.cpu.broker_s = bench.broker->cpu_s() - broker_before_s;
  stop.store(true);
  for (std::thread& thread : threads) thread.join();
  if (bench.loop.stopping()) return fail(Errc::interrupted, "the measurement was interrupted");
  for (const auto& worker : workers)
    if (worker->error()) return std::unexpected(*worker->error());
  collect(run, load, workers);
  return run;
}

}  // namespace felix::bench
