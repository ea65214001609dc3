#include "bench/pubsub_run.h"

#include <algorithm>

#include "bench/crew.h"
#include "bench/pubsub_result.h"
#include "bench/scoreboard.h"

namespace felix::bench {
namespace {

// From go to the first record.
constexpr Duration kHeadStart = std::chrono::milliseconds(20);
// After the last publish: answers, arrivals and the silence that proves a loss.
constexpr Duration kDrain = std::chrono::seconds(15);
constexpr Duration kTick = std::chrono::milliseconds(250);
// The broker's queue for a subscriber, its frames of events and the share of them that is filled.
constexpr std::uint64_t kQueueFrames = 512;
constexpr std::uint64_t kFrameEvents = 64;
constexpr std::uint64_t kFrameBytes = 64u << 10;

std::uint64_t ns(Duration duration) { return static_cast<std::uint64_t>(duration.count()); }

// Waits on the bench's loop until `done`, ticking for progress. interrupted: the loop was stopped.
Status wait_until(Bench& bench, const Scoreboard& scoreboard, MonoTime deadline,
                  const std::function<bool()>& done, const std::function<void()>& tick) {
  const auto watch = scoreboard.conductor_waker().watch(bench.loop, [] {});
  io::Timer timer(bench.loop, [&] {
    if (tick) tick();
    timer.arm(bench.loop.now() + kTick);
  });
  if (tick) timer.arm(bench.loop.clock().now() + kTick);
  bench.loop.run_until([&] { return done() || scoreboard.aborted(); }, deadline);
  if (bench.loop.stopping()) return fail(Errc::interrupted, "the measurement was interrupted");
  return {};
}

Progress progress_of(const Scoreboard& scoreboard, const std::string& what, const Load& load,
                     std::uint64_t now_ns) {
  Progress progress;
  progress.what = what;
  const Scoreboard::Times& times = *scoreboard.times();
  progress.elapsed_s = (static_cast<double>(now_ns) - static_cast<double>(times.measure_ns)) * 1e-9;
  progress.total_s = static_cast<double>(ns(load.duration)) * 1e-9;
  for (const TimelinePoint& point : merged_timeline(scoreboard)) {
    progress.per_s = point.delivered_per_s;
    progress.p50_us.push_back(static_cast<double>(point.p50_ns) / 1000);
  }
  return progress;
}

}  // namespace

std::uint64_t default_flood_window(std::uint64_t payload_bytes, std::uint64_t batch) {
  const std::uint64_t in_frame =
      std::clamp<std::uint64_t>(kFrameBytes / (payload_bytes + 4), 1, kFrameEvents);
  // Half of the queue; a batch never waits for itself.
  return std::max(kQueueFrames / 2 * std::min(in_frame, batch), 2 * batch);
}

Result<Run> run_pubsub(Bench& bench, const std::string& shape, const Load& load, bool allow_loss) {
  Run run = begin_run(bench, shape);
  const auto run_tag =
      static_cast<std::uint16_t>(ns(bench.loop.clock().now().time_since_epoch()) >> 10 & 0xfff);
  FELIX_TRY(const auto scoreboard, Scoreboard::create(load.publishers, load.fanout));
  Crew crew(*scoreboard, load, bench.options, run_tag);

  const MonoTime connect_by = bench.loop.clock().now() + bench.options.connect_timeout * 2;
  FELIX_CHECK(wait_until(bench, *scoreboard, connect_by, [&] { return scoreboard->all_ready(); }, {}));
  if (!scoreboard->all_ready()) {
    scoreboard->abort();
    crew.join();
    if (crew.error() != nullptr) return std::unexpected(*crew.error());
    return fail(Errc::timed_out, "not all publishers and subscribers were connected in time; ask for fewer");
  }

  const MonoTime start = bench.loop.clock().now() + kHeadStart;
  const MonoTime measure = start + load.warmup;
  const MonoTime until = measure + load.duration;
  const std::uint64_t interval_ns = std::max(ns(kTick), ns(load.duration) / (Scoreboard::kMaxIntervals - 1));
  scoreboard->go(
      {nanos_since_epoch(start), nanos_since_epoch(measure), nanos_since_epoch(until), interval_ns});
  const std::string what = title_of(shape, load);
  const std::function<void()> tick = [&] {
    bench.on_progress(progress_of(*scoreboard, what, load, nanos_since_epoch(bench.loop.now())));
  };
  const auto no_tick = std::function<void()>{};
  const auto finished = [&] { return scoreboard->all_finished(); };
  FELIX_CHECK(wait_until(bench, *scoreboard, measure, finished, bench.on_progress ? tick : no_tick));
  const double broker_before_s = bench.broker != nullptr ? bench.broker->cpu_s() : 0;
  FELIX_CHECK(wait_until(bench, *scoreboard, until + kDrain, finished, bench.on_progress ? tick : no_tick));
  const double broker_s = bench.broker != nullptr ? bench.broker->cpu_s() - broker_before_s : 0;
  const bool stuck = !scoreboard->all_finished() && !scoreboard->aborted();
  if (stuck) scoreboard->abort();
  crew.join();
  if (crew.error() != nullptr) return std::unexpected(*crew.error());

  describe(run, load);
  collect(run, load, *scoreboard, crew, broker_s);
  judge(run, load, allow_loss);
  if (stuck) run.notes.push_back("the clients had not finished in time and were stopped");
  return run;
}

}  // namespace felix::bench
