#include "bench/cache_run.h"

#include "bench/payload.h"
#include "bench/thread_cpu.h"
#include "client/cache_client.h"
#include "client/session.h"
#include "io/clock.h"

namespace felix::bench {
namespace {

// The client keeps at most so much on one channel by itself.
constexpr std::size_t kInFlightBytes = 64u << 20;

// One client: a loop, a connection, a cache.
class CacheWorker {
 public:
  CacheWorker(const CacheLoad& load, client::ConnectOptions options, RequestBoard& board, std::size_t index)
      : load_(load),
        options_(std::move(options)),
        board_(board),
        answered_(board.counts[index].answered),
        payload_(load.seed + index, load.payload_bytes) {
    options_.reconnect.enabled = false;
    if (load.json) options_.client_features_hi = 0;
  }

  RequestOutcome run() {
    if (Status status = work(); !status) outcome_.error = status.error();
    return std::move(outcome_);
  }

 private:
  Status work() {
    const io::SystemClock clock;
    FELIX_TRY(const auto loop, io::Loop::create(clock));
    FELIX_TRY(const auto session, client::Session::create(*loop, options_));
    FELIX_CHECK(session->connect());
    outcome_.cipher = session->cipher();
    client::CacheClient cache(*session, {.channels = 1,
                                         .in_flight_bytes = kInFlightBytes,
                                         .in_flight_frames = std::max<std::size_t>(load_.in_flight, 1)});
    cache_ = &cache;
    clock_ = &clock;
    Status filled;
    for (std::uint64_t i = 0; i < load_.keys; ++i)
      cache.put(key(i), value(), std::nullopt, [&filled](const Status& status) {
        if (!status && filled) filled = status;
      });
    FELIX_CHECK(cache.flush(loop->clock().now() + options_.request_timeout));
    FELIX_CHECK(filled);

    measure_ns_ = await_start(*loop, board_) + static_cast<std::uint64_t>(load_.run.warmup.count());
    until_ns_ = measure_ns_ + static_cast<std::uint64_t>(load_.run.duration.count());
    asking_ = !board_.stop.load();
    for (std::uint64_t i = 0; asking_ && i < load_.in_flight; ++i) ask();
    const Status waited = session->wait_for([&] { return outstanding_ == 0 || board_.stop.load(); });
    asking_ = false;
    if (cpu_before_ns_ > 0) outcome_.cpu_s = static_cast<double>(thread_cpu_ns() - cpu_before_ns_) * 1e-9;
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
      cache_->put(key(next_++), value(), std::nullopt, [this, now](const Status& status) {
        on_answer(now, status ? std::nullopt : std::optional(status.error()));
      });
    } else {
      cache_->get(key(next_++), [this, now](const Result<client::CacheEntry>& entry) {
        if (!entry) return on_answer(now, entry.error());
        on_answer(now,
                  entry->value ? std::nullopt : std::optional(Error{Errc::not_found, "the value had gone"}));
      });
    }
  }
  void on_answer(std::uint64_t asked_ns, const std::optional<Error>& failure) {
    --outstanding_;
    if (failure) {
      ++outcome_.failed;
      if (!outcome_.first_failure) outcome_.first_failure = failure;
      return;
    }
    const std::uint64_t now = now_ns();
    if (asked_ns >= measure_ns_) {
      outcome_.latency_ns.record(now - asked_ns);
      outcome_.last_ns = now;
      answered_.store(outcome_.latency_ns.count(), std::memory_order_relaxed);
    }
    if (asking_) ask();
  }

  const CacheLoad& load_;
  client::ConnectOptions options_;
  RequestBoard& board_;
  std::atomic<std::uint64_t>& answered_;
  PayloadSource payload_;
  client::CacheClient* cache_ = nullptr;
  const io::Clock* clock_ = nullptr;
  RequestOutcome outcome_;
  std::uint64_t measure_ns_ = 0;
  std::uint64_t until_ns_ = 0;
  std::uint64_t next_ = 0;
  std::uint64_t outstanding_ = 0;
  std::uint64_t cpu_before_ns_ = 0;
  bool asking_ = false;
};

}  // namespace

Result<Run> run_cache(Bench& bench, const CacheLoad& load) {
  Run run = begin_run(bench, "cache");
  run.parameters.payload_bytes = load.payload_bytes;
  run.parameters.operation = load.put ? "put" : "get";
  run.parameters.in_flight = load.in_flight;
  run.parameters.encoding = load.json ? "json" : "binary";
  run.parameters.durability = "memory";
  run.parameters.seed = load.seed;
  RequestLoad requests = load.run;
  requests.what = "cache " + run.parameters.operation + ", " + std::to_string(load.payload_bytes) + " B, " +
                  std::to_string(load.in_flight) + " in flight";
  FELIX_CHECK(run_requests(
      bench, requests,
      [&](RequestBoard& board, std::size_t index) {
        return CacheWorker(load, bench.options, board, index).run();
      },
      run));
  run.rates.delivered_mb_per_s = run.rates.delivered_per_s * static_cast<double>(load.payload_bytes) * 1e-6;
  run.rates.submitted_mb_per_s = run.rates.delivered_mb_per_s;
  run.rates.moved_bytes = run.counts.acked * load.payload_bytes;
  run.notes.emplace_back("one CLOCK_MONOTONIC, request to answer, in the client");
  return run;
}

}  // namespace felix::bench
