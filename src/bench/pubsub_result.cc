#include "bench/pubsub_result.h"

#include <algorithm>

#include "bench/bench.h"
#include "bench/pubsub_run.h"

namespace felix::bench {
namespace {

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }
double per(double amount, double count) { return count > 0 ? amount / count : 0; }
std::string mib(std::uint64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

const char* word_of(client::AckMode ack) {
  if (ack == client::AckMode::none) return "none";
  return ack == client::AckMode::per_message ? "per_message" : "per_batch";
}

void collect_cpu(Run& run, const Crew& crew, double broker_s) {
  run.cpu.broker_s = broker_s;
  for (const PublisherOutcome& outcome : crew.publishers()) run.cpu.publisher_s += outcome.cpu_s;
  for (const SubscriberOutcome& outcome : crew.subscribers()) run.cpu.subscriber_s += outcome.cpu_s;
  const auto published = static_cast<double>(run.counts.published);
  run.cpu.broker_us_per_record = per(run.cpu.broker_s * 1e6, published);
  run.cpu.publisher_us_per_record = per(run.cpu.publisher_s * 1e6, published);
  run.cpu.subscriber_us_per_record =
      per(run.cpu.subscriber_s * 1e6, static_cast<double>(run.counts.delivered));
}

void collect_rates(Run& run, const Load& load, std::uint64_t first_ns, std::uint64_t last_sent_ns,
                   std::uint64_t last_ns) {
  Rates& rates = run.rates;
  const auto payload_mb = static_cast<double>(load.payload_bytes) * 1e-6;
  if (last_ns > first_ns) rates.window_s = static_cast<double>(last_ns - first_ns) * 1e-9;
  if (last_sent_ns > first_ns)
    rates.submitted_per_s =
        static_cast<double>(run.counts.published) / (static_cast<double>(last_sent_ns - first_ns) * 1e-9);
  rates.submitted_mb_per_s = rates.submitted_per_s * payload_mb;
  rates.delivered_per_s = per(static_cast<double>(run.counts.delivered), rates.window_s);
  rates.delivered_mb_per_s = rates.delivered_per_s * payload_mb;
  rates.moved_bytes = run.counts.published * load.payload_bytes;
  if (load.pace == Pace::flood) rates.send_window_bytes = load.in_flight * load.payload_bytes;
}

}  // namespace

std::string title_of(const std::string& shape, const Load& load) {
  std::string title =
      shape + ", " + std::to_string(load.payload_bytes) + " B, fan-out " + std::to_string(load.fanout);
  if (load.batch > 1) title += ", batch " + std::to_string(load.batch);
  if (load.pace == Pace::open) title += ", " + std::to_string(load.rate) + "/s";
  if (load.pace == Pace::closed) title += ", " + std::to_string(load.in_flight) + " in flight";
  return title;
}

std::vector<TimelinePoint> merged_timeline(const Scoreboard& scoreboard) {
  std::uint32_t complete = UINT32_MAX;
  for (const Scoreboard::SubscriberRow& row : scoreboard.subscribers())
    complete = std::min(complete, row.intervals.load(std::memory_order_acquire));
  std::vector<TimelinePoint> merged(complete);
  for (const Scoreboard::SubscriberRow& row : scoreboard.subscribers()) {
    for (std::uint32_t i = 0; i < complete; ++i) {
      merged[i].at_s = row.timeline[i].at_s;
      merged[i].delivered_per_s += row.timeline[i].delivered_per_s;
      merged[i].p50_ns = std::max(merged[i].p50_ns, row.timeline[i].p50_ns);
      merged[i].p99_ns = std::max(merged[i].p99_ns, row.timeline[i].p99_ns);
    }
  }
  return merged;
}

void describe(Run& run, const Load& load) {
  Parameters& parameters = run.parameters;
  parameters.payload_bytes = load.payload_bytes;
  parameters.batch = load.batch;
  parameters.fanout = load.fanout;
  parameters.publishers = load.publishers;
  parameters.rate = load.pace == Pace::open ? load.rate : 0;
  parameters.in_flight = load.pace == Pace::open ? 0 : load.in_flight;
  parameters.loop = load.pace == Pace::open ? "open" : "closed";
  parameters.ack = word_of(load.ack);
  parameters.encoding = load.json ? "json" : "binary";
  parameters.durability = "memory";
  parameters.seed = load.seed;
  parameters.warmup_s = seconds(load.warmup);
  parameters.duration_s = seconds(load.duration);
  parameters.processes = load.processes;
  parameters.placement = to_string(load.placement);
}

void collect(Run& run, const Load& load, const Scoreboard& scoreboard, const Crew& crew, double broker_s) {
  Counts& counts = run.counts;
  const std::uint64_t first_ns = scoreboard.times()->measure_ns;
  std::uint64_t last_sent_ns = 0;
  std::uint64_t last_ns = 0;
  std::uint64_t foreign = 0;
  telemetry::Histogram acks;
  telemetry::Histogram late;
  for (const PublisherOutcome& outcome : crew.publishers()) {
    note_cipher(run, outcome.cipher);
    counts.published += outcome.published;
    counts.acked += outcome.acked;
    counts.failed += outcome.failed;
    last_sent_ns = std::max(last_sent_ns, outcome.last_sent_ns);
    acks.merge(outcome.ack_ns);
    late.merge(outcome.late_ns);
    if (outcome.first_failure) run.notes.push_back("a publish failed: " + to_string(*outcome.first_failure));
  }
  counts.expected = counts.published * load.fanout;
  telemetry::Histogram intended;
  telemetry::Histogram sent;
  for (std::size_t i = 0; i < crew.subscribers().size(); ++i) {
    const SubscriberOutcome& outcome = crew.subscribers()[i];
    counts.delivered += outcome.received;
    counts.lost += outcome.lost;
    counts.duplicated += outcome.duplicated;
    counts.reordered += outcome.reordered;
    counts.dropped += outcome.dropped;
    foreign += outcome.foreign;
    last_ns = std::max(last_ns, outcome.last_received_ns);
    intended.merge(outcome.intended_ns);
    sent.merge(outcome.sent_ns);
    ClientResult client{.name = "subscriber " + std::to_string(i + 1),
                        .received = outcome.received,
                        .lost = outcome.lost,
                        .duplicated = outcome.duplicated,
                        .reordered = outcome.reordered,
                        .dropped = outcome.dropped,
                        .latency = {},
                        .latency_from_send = {}};
    client.latency = summarize(load.pace == Pace::open ? outcome.intended_ns : outcome.sent_ns);
    if (load.pace == Pace::open) client.latency_from_send = summarize(outcome.sent_ns);
    run.clients.push_back(std::move(client));
  }
  if (load.pace == Pace::open) {
    run.latency = summarize(intended);
    run.latency_from_send = summarize(sent);
  } else {
    run.latency = summarize(sent);
  }
  run.ack_latency = summarize(acks);
  run.timeline = merged_timeline(scoreboard);
  if (late.count() > 0) {
    run.figures["generator_late_p50_ns"] = static_cast<double>(late.percentile(0.5));
    run.figures["generator_late_p99_ns"] = static_cast<double>(late.percentile(0.99));
  }
  if (foreign > 0) run.notes.push_back("warning: others published to the same stream meanwhile");
  collect_rates(run, load, first_ns, last_sent_ns, last_ns);
  collect_cpu(run, crew, broker_s);
}

void judge(Run& run, const Load& load, bool allow_loss) {
  const Counts& counts = run.counts;
  const auto fail_for = [&](std::uint64_t count, const char* what) {
    if (count > 0) run.verdict.reasons.push_back(std::to_string(count) + what);
  };
  if (allow_loss && counts.lost > 0) {
    run.notes.push_back(std::to_string(counts.lost) + " records were lost, which was allowed");
  } else {
    fail_for(counts.lost, " deliveries were lost");
  }
  fail_for(counts.duplicated, " records came twice");
  fail_for(counts.reordered, " records came out of order");
  fail_for(counts.failed, " records could not be published");
  if (counts.delivered == 0) run.verdict.reasons.emplace_back("nothing was delivered");
  run.verdict.ok = run.verdict.reasons.empty();

  if (load.pace == Pace::flood) {
    const std::uint64_t wanted = std::max<std::uint64_t>(kMinMovedBytes, 16 * run.rates.send_window_bytes);
    if (run.rates.moved_bytes < wanted)
      run.verdict.flags.push_back("too small a run: " + mib(run.rates.moved_bytes) +
                                  " moved measure buffers; want at least " + mib(wanted) +
                                  ", so measure longer");
  } else if (run.latency.count < kManySamples) {
    run.notes.push_back(std::to_string(run.latency.count) + " samples, fewer than 10^6: p99.9 rests on " +
                        std::to_string(run.latency.count / 1000) + " of them");
  }
  if (load.pace == Pace::open && run.rates.submitted_per_s < 0.97 * static_cast<double>(load.rate))
    run.verdict.flags.push_back("the rate asked for was not reached");
}

}  // namespace felix::bench
