#include "bench/connect_run.h"

#include <memory>
#include <sys/resource.h>
#include <vector>

#include "bench/thread_cpu.h"
#include "client/session.h"
#include "io/clock.h"

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
    const std::uint64_t allocated_before = bench.broker->allocated_bytes();
    FELIX_TRY(const auto sessions, stand(bench, load.idle));
    FELIX_CHECK(rest(bench, kSettle));
    const std::uint64_t after = bench.broker->resident_bytes();
    const std::uint64_t allocated_after = bench.broker->allocated_bytes();
    run.figures["idle_connections"] = static_cast<double>(load.idle);
    const auto of_one = [&](const char* figure, std::uint64_t from, std::uint64_t to) {
      if (load.idle > 0 && to > from)
        run.figures[figure] = static_cast<double>(to - from) / static_cast<double>(load.idle);
    };
    of_one("idle_connection_bytes", before, after);
    of_one("idle_connection_allocated_bytes", allocated_before, allocated_after);
  }
  return rest(bench, kSettle);
}

// One client: keeps `in_flight` handshakes going until the time is over.
class Storm {
 public:
  Storm(const ConnectLoad& load, const client::ConnectOptions& options, RequestBoard& board,
        std::size_t index)
      : load_(load), options_(once(options)), board_(board), answered_(board.counts[index].answered) {}

  RequestOutcome run() {
    if (Status status = work(); !status) outcome_.error = status.error();
    return std::move(outcome_);
  }

 private:
  struct Slot {
    std::unique_ptr<client::Session> session;
    MonoTime begun;
  };

  Status work() {
    const io::SystemClock clock;
    FELIX_TRY(const auto loop, io::Loop::create(clock));
    std::vector<Slot> slots(load_.in_flight);
    const MonoTime start{Duration(static_cast<std::int64_t>(await_start(*loop, board_)))};
    measure_ = start + load_.run.warmup;
    const MonoTime until = measure_ + load_.run.duration;
    std::uint64_t cpu_before_ns = 0;
    while (clock.now() < until && !board_.stop.load()) {
      if (cpu_before_ns == 0 && clock.now() >= measure_) cpu_before_ns = thread_cpu_ns();
      for (Slot& slot : slots) FELIX_CHECK(renew(*loop, slot));
      loop->turn(until);
    }
    outcome_.cpu_s = static_cast<double>(thread_cpu_ns() - cpu_before_ns) * 1e-9;
    return {};
  }

  // Outside of any callback, because it destroys sessions.
  Status renew(io::Loop& loop, Slot& slot) {
    const MonoTime now = loop.clock().now();
    if (slot.session != nullptr) {
      const State state = slot.session->state();
      if (state != State::ready && state != State::closed) return {};
      if (state == State::closed) {
        ++outcome_.failed;
        if (!outcome_.first_failure) outcome_.first_failure = slot.session->last_error().value_or(Error{});
      } else if (slot.begun >= measure_) {
        outcome_.cipher = slot.session->cipher();
        outcome_.last_ns = nanos_since_epoch(now);
        outcome_.latency_ns.record(static_cast<std::uint64_t>((now - slot.begun).count()));
        answered_.store(outcome_.latency_ns.count(), std::memory_order_relaxed);
      }
      slot.session->close();
    }
    slot.begun = now;
    FELIX_TRY(slot.session, client::Session::create(loop, options_));
    slot.session->start();
    return {};
  }

  const ConnectLoad& load_;
  const client::ConnectOptions options_;
  RequestBoard& board_;
  std::atomic<std::uint64_t>& answered_;
  MonoTime measure_{};
  RequestOutcome outcome_;
};

}  // namespace

Result<Run> run_connect(Bench& bench, const ConnectLoad& load) {
  Run run = begin_run(bench, "connect");
  run.parameters.in_flight = load.in_flight;
  raise_descriptor_limit();
  FELIX_CHECK(weigh(bench, load, run));
  RequestLoad requests = load.run;
  requests.what = "connect, " + std::to_string(load.in_flight) + " in flight";
  FELIX_CHECK(run_requests(
      bench, requests,
      [&](RequestBoard& board, std::size_t index) { return Storm(load, bench.options, board, index).run(); },
      run));
  run.figures["connects_per_s"] = run.rates.delivered_per_s;
  if (run.cpu.broker_us_per_record > 0)
    run.figures["connects_per_broker_core_per_s"] = 1e6 / run.cpu.broker_us_per_record;
  return run;
}

}  // namespace felix::bench
