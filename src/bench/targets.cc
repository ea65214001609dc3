#include "bench/targets.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "bench/relay_ratio.h"
#include "bench/statistics.h"
#include "bench/table_units.h"

namespace felix::bench {
namespace {

using enum Bound;

Request latency(std::uint64_t fanout) {
  Request request;
  request.payload_bytes = 256;
  request.rate = 1000;
  request.fanout = fanout;
  // Alternating often with the relay: the median of many short pairs does not move when the machine pauses
  // in one of them.
  request.relay = true;
  request.trials = 3;
  return request;
}

Request flood(std::uint64_t payload_bytes, std::uint64_t fanout) {
  Request request;
  request.shape = Shape::throughput;
  request.payload_bytes = payload_bytes;
  request.fanout = fanout;
  return request;
}

// Every record a publish of its own with an answer of its own. The subscriber asks for the largest queue that
// a broker gives by default, because nothing but answers holds the publisher back.
Request acknowledged() {
  Request request;
  request.payload_bytes = 256;
  request.closed = true;
  request.in_flight = 256;
  request.queue_capacity = 4096;
  request.ack = client::AckMode::per_message;
  return request;
}

Request cache_get(std::uint64_t in_flight) {
  Request request;
  request.shape = Shape::cache;
  request.payload_bytes = 1024;
  request.in_flight = in_flight;
  request.put = false;
  return request;
}

Request connections() {
  Request request;
  request.shape = Shape::connect;
  return request;
}

std::vector<Criterion> over_relay(double p50, double p99) {
  return {{kRelayP50Ratio, "p50 / raw UDP relay", at_most, p50, {}},
          {kRelayP99Ratio, "p99 / raw UDP relay", at_most, p99, {}}};
}

std::vector<TargetRow> make_rows() {
  const auto nats = [](double factor, std::string_view figure, std::string_view scale) {
    return PeerMultiple{factor, figure, "NATS with TLS", scale};
  };
  return {
      {"latency", latency(1), over_relay(1.35, 2)},
      {"latency-f10", latency(10), over_relay(2.5, 3)},
      {"1k",
       flood(1024, 1),
       {{"delivered_per_s", "1 KiB delivered", at_least, 600e3,
         nats(1.35, "nats_tls_1024_f1_per_s", "407–483k/s")}}},
      {"64b",
       flood(64, 1),
       {{"delivered_per_s", "64 B delivered", at_least, 3.3e6,
         nats(1.3, "nats_tls_64_f1_per_s", "2.29–2.76M/s")}}},
      {"1k-f10",
       flood(1024, 10),
       {{"delivered_per_s", "1 KiB to 10 delivered", at_least, 1.1e6,
         nats(1.6, "nats_tls_1024_f10_per_s", "644–731k/s")}}},
      {"16k",
       flood(16384, 1),
       {{"delivered_mb_per_s", "16 KiB delivered", at_least, 700,
         nats(2, "nats_tls_16384_f1_mb_per_s", "341 MB/s")}}},
      {"acked", acknowledged(), {{"broker_cpu_us", "broker CPU a record", at_most, 6, {}}}},
      {"cache-1",
       cache_get(1),
       {{"delivered_per_s", "gets, one in flight", at_least, 12e3, {}},
        {"p50_ns", "p50", at_most, 80e3, {}}}},
      {"cache-50", cache_get(50), {{"delivered_per_s", "gets, 50 in flight", at_least, 130e3, {}}}},
      {"cache-1024", cache_get(1024), {{"delivered_per_s", "gets, pipelined", at_least, 400e3, {}}}},
      {"connect",
       connections(),
       {{"connects_per_broker_core_per_s", "connects per broker core", at_least, 2000, {}},
        {"idle_connection_bytes", "memory per idle connection", at_most, 40e3, {}}}},
  };
}

double figure_of(const Run& run, std::string_view name) {
  if (name == "delivered_per_s") return run.rates.delivered_per_s;
  if (name == "delivered_mb_per_s") return run.rates.delivered_mb_per_s;
  if (name == "broker_cpu_us") return run.cpu.broker_us_per_record;
  if (name == "p50_ns") return static_cast<double>(run.latency.p50_ns);
  const auto found = run.figures.find(std::string(name));
  return found == run.figures.end() ? 0 : found->second;
}

// The median over these runs; absent unless each has measured it.
std::optional<double> middle_of(std::string_view figure, const std::vector<const Run*>& runs) {
  if (figure == kRelayP50Ratio || figure == kRelayP99Ratio) {
    const auto ratio = relay_ratio(runs);
    if (!ratio) return std::nullopt;
    return figure == kRelayP50Ratio ? ratio->p50.median : ratio->p99.median;
  }
  std::vector<double> values;
  for (const Run* run : runs) values.push_back(figure_of(*run, figure));
  if (std::ranges::any_of(values, [](double value) { return value <= 0; })) return std::nullopt;
  return median(values);
}

std::optional<Spread> measured(std::string_view figure, const std::vector<const Run*>& runs) {
  const auto all = middle_of(figure, runs);
  if (!all) return std::nullopt;
  std::map<std::uint64_t, std::vector<const Run*>> rounds;
  for (const Run* run : runs) rounds[run->trial].push_back(run);
  std::vector<double> of_rounds;
  for (const auto& [round, some] : rounds) of_rounds.push_back(*middle_of(figure, some));
  Spread made = spread(of_rounds);
  made.median = *all;
  return made;
}

}  // namespace

const std::vector<TargetRow>& target_rows() {
  static const std::vector<TargetRow> rows = make_rows();
  return rows;
}

std::vector<TargetResult> judge_row(const TargetRow& row, const std::vector<const Run*>& runs,
                                    const Peers& peers) {
  std::vector<TargetResult> results;
  const bool sound = std::ranges::all_of(runs, [](const Run* run) { return run->verdict.ok; });
  for (const Criterion& criterion : row.criteria) {
    TargetResult result;
    result.row = row.name;
    result.label = criterion.label;
    result.figure = criterion.figure;
    result.bound = criterion.bound == at_most ? "at_most" : "at_least";
    result.limit = criterion.limit;
    if (criterion.peer) {
      const PeerMultiple& multiple = *criterion.peer;
      const std::string figure(multiple.figure);
      const auto peer = peers.figures.find(figure);
      if (peer != peers.figures.end()) {
        result.limit = multiple.factor * peer->second;
        result.basis = fmt::format("{} × {}, measured at {} on {}", format_three(multiple.factor),
                                   multiple.peer, format_figure(figure, peer->second), peers.taken_at);
      } else {
        result.basis = fmt::format(
            "{} × {}, on the published scale of a virtual machine with two CPUs where it reached {}",
            format_three(multiple.factor), multiple.peer, multiple.scale);
      }
    }
    const auto found = measured(criterion.figure, runs);
    if (found) {
      result.measured = found->median;
      result.lowest = found->lowest;
      result.highest = found->highest;
    }
    const bool met =
        criterion.bound == at_most ? result.measured <= result.limit : result.measured >= result.limit;
    result.status = !sound ? "failed" : !found ? "not measured" : met ? "met" : "missed";
    results.push_back(std::move(result));
  }
  return results;
}

std::vector<std::string> explain_limits(const std::vector<TargetResult>& results) {
  std::vector<std::string> notes;
  for (const TargetResult& result : results) {
    if (!result.basis.empty()) notes.push_back(result.row + ": the target is " + result.basis);
  }
  return notes;
}

}  // namespace felix::bench
