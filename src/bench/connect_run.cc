#include "bench/connect_run.h"

#include <memory>
#include <sys/resource.h>
#include <vector>

#include "bench/thread_cpu.h"
#include "client/session.h"

namespace felix::bench {
namespace {

constexpr Duration kSettle = std::chrono::milliseconds(500);
constexpr std::size_t kWarmConnections = 8;

using State = client::Session::State;

// Each connection holds a socket.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

client::ConnectOptions once(client::ConnectOptions options) {
  options.reconnect.enabled = false;
  return options;
}

// Turns the loop for `duration`; interrupted when it was stopped.
Status rest(Bench& bench, Duration duration) {
  bench.loop.run_until([] { return false; }, bench.loop.clock().now() + duration);
  if (bench.loop.stopping()) return fail(Errc::interrupted, "the measurement was interrupted");
  return {};
}

// `count` connections that stand, made a few at a time.
Result<std::vector<std::unique_ptr<client::Session>>> stand(Bench& bench, std::size_t count) {
  std::vector<std::unique_ptr<client::Session>> sessions;
  for (std::size_t i = 0; i < count; ++i) {
    FELIX_TRY(auto session, client::Session::create(bench.loop, once(bench.options)));
    FELIX_CHECK(session->connect());
    sessions.push_back(std::move(session));
  }
  return sessions;
}

Status weigh(Bench& bench, const ConnectLoad& load, Run& run) {
  if (bench.broker == nullptr) {
    run.notes.emplace_back("memory per connection needs a broker started for this: --spawn");
    return {};
  }
  {
    FELIX_TRY(const auto warm, stand(bench, kWarmConnections));
    FELIX_CHECK(rest(bench, kSettle));
    const std::uint64_t before = bench.broker->resident_bytes();
    FELIX_TRY(const auto sessions, stand(bench, load.idle));
    FELIX_CHECK(rest(bench, kSettle));
    const std::uint64_t after = bench.broker->resident_bytes();
    run.figures["idle_connections"] = static_cast<double>(load.idle);
    if (load.idle > 0 && after > before)
      run.figures["idle_connection_bytes"] =
          static_cast<double>(after - before) / static_cast<double>(load.idle);
  }
  return rest(bench, kSettle);
}

// Keeps `in_flight` handshakes going until the time is over.
class Storm {
 public:
  Storm(Bench& bench, const ConnectLoad& load)
      : bench_(bench), load_(load), options_(once(bench.options)), slots_(load.in_flight) {}

  Status run(Run& run) {
    const MonoTime start = bench_.loop.clock().now();
    measure_ = start + load_.warmup;
    const MonoTime until = measure_ + load_.duration;
    double broker_before_s = 0;
    std::uint64_t cpu_before_ns = 0;
    while (bench_.loop.clock().now() < until && !bench_.loop.stopping()) {
      const bool measuring = bench_.loop.clock().now() >= measure_;
      if (measuring && cpu_before_ns == 0) {
        cpu_before_ns = thread_cpu_ns();
        if (bench_.broker != nullptr) broker_before_s = bench_.broker->cpu_s();
      }
      for (Slot& slot : slots_) FELIX_CHECK(renew(slot));
      bench_.loop.turn(until);
    }
    if (bench_.loop.stopping()) return fail(Errc::interrupted, "the measurement was interrupted");
    run.rates.window_s = std::chrono::duration<double>(bench_.loop.clock().now() - measure_).count();
    run.cpu.publisher_s = static_cast<double>(thread_cpu_ns() - cpu_before_ns) * 1e-9;
    if (bench_.broker != nullptr) run.cpu.broker_s = bench_.broker->cpu_s() - broker_before_s;
    const auto made = static_cast<double>(latency_.count());
    run.latency = summarize(latency_);
    run.counts.published = run.counts.expected = latency_.count() + failed_;
    run.counts.acked = run.counts.delivered = latency_.count();
    run.counts.failed = failed_;
    run.rates.submitted_per_s = run.rates.delivered_per_s = made / run.rates.window_s;
    run.figures["connects_per_s"] = run.rates.delivered_per_s;
    if (made > 0) {
      run.cpu.publisher_us_per_record = run.cpu.publisher_s * 1e6 / made;
      run.cpu.broker_us_per_record = run.cpu.broker_s * 1e6 / made;
    }
    if (run.cpu.broker_us_per_record > 0)
      run.figures["connects_per_broker_core_per_s"] = 1e6 / run.cpu.broker_us_per_record;
    if (failed_ > 0) run.notes.push_back("a connection failed: " + to_string(failure_));
    return {};
  }

 private:
  struct Slot {
    std::unique_ptr<client::Session> session;
    MonoTime begun;
  };

  // Outside of any callback, because it destroys sessions.
  Status renew(Slot& slot) {
    const MonoTime now = bench_.loop.clock().now();
    if (slot.session != nullptr) {
      const State state = slot.session->state();
      if (state != State::ready && state != State::closed) return {};
      if (state == State::closed) {
        ++failed_;
        failure_ = slot.session->last_error().value_or(Error{});
      } else if (slot.begun >= measure_) {
        latency_.record(static_cast<std::uint64_t>((now - slot.begun).count()));
      }
      slot.session->close();
    }
    slot.begun = now;
    FELIX_TRY(slot.session, client::Session::create(bench_.loop, options_));
    slot.session->start();
    return {};
  }

  Bench& bench_;
  const ConnectLoad& load_;
  const client::ConnectOptions options_;
  std::vector<Slot> slots_;
  MonoTime measure_{};
  telemetry::Histogram latency_;
  std::uint64_t failed_ = 0;
  Error failure_;
};

}  // namespace

Result<Run> run_connect(Bench& bench, const ConnectLoad& load) {
  Run run = begin_run(bench, "connect");
  run.parameters.in_flight = load.in_flight;
  run.parameters.loop = "closed";
  run.parameters.warmup_s = std::chrono::duration<double>(load.warmup).count();
  run.parameters.duration_s = std::chrono::duration<double>(load.duration).count();
  raise_descriptor_limit();
  FELIX_CHECK(weigh(bench, load, run));
  FELIX_CHECK(Storm(bench, load).run(run));
  if (run.counts.failed > 0)
    run.verdict.reasons.push_back(std::to_string(run.counts.failed) + " connections failed");
  if (run.counts.acked == 0) run.verdict.reasons.emplace_back("no connection was made");
  run.verdict.ok = run.verdict.reasons.empty();
  return run;
}

}  // namespace felix::bench
