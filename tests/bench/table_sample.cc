#include "bench/table_sample.h"

#include <cmath>
#include <random>
#include <string>

namespace felix::test {
namespace {

bench::LatencySummary summary_around(double p50_ns, std::uint64_t samples, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> body(std::log(p50_ns), 0.22);
  std::uniform_real_distribution<double> chance(0, 1);
  telemetry::Histogram histogram;
  for (std::uint64_t at = 0; at < samples; ++at) {
    const double stretch = 1 + 0.05 / std::pow(1 - chance(random), 0.45);
    histogram.record(static_cast<std::uint64_t>(body(random) * stretch));
  }
  return bench::summarize(histogram);
}

bench::Run base_run(std::string shape, std::uint64_t trial) {
  bench::Run run;
  run.tool_version = "0.1.0";
  run.started_at = "2026-01-02T03:04:05Z";
  run.shape = std::move(shape);
  run.trial = trial;
  run.parameters.payload_bytes = 256;
  run.parameters.loop = "open";
  run.parameters.ack = "per_message";
  run.parameters.encoding = "binary";
  run.parameters.durability = "memory";
  run.parameters.seed = 42;
  run.parameters.spawned = true;
  run.environment = {2,
                     "Some CPU <fast> & \"cool\"",
                     "Linux 6.1",
                     4u << 20,
                     4u << 20,
                     "TLS 1.3 AES-128-GCM",
                     "quic",
                     "localhost:9000",
                     "felix bench latency --spawn --rate 1000"};
  run.floor = {{"ping_pong_p50_ns", 61'000},    {"udp_gso_gro_mb_per_s", 8100},
               {"copy_mb_per_s", 9400},         {"seal_aes128gcm_1200_ns", 277},
               {"seal_aes128gcm_4096_ns", 790}, {"fdatasync_append_p50_ns", 212'000}};
  return run;
}

}  // namespace

bench::Run sample_latency_run(std::uint64_t p50_ns, std::uint64_t fanout, std::uint64_t trial,
                              std::uint64_t samples) {
  bench::Run run = base_run("latency", trial);
  run.parameters.fanout = fanout;
  run.parameters.rate = 1000;
  const double near = static_cast<double>(p50_ns) * (1 + 0.02 * static_cast<double>(trial % 3));
  run.latency = summary_around(near, samples, trial + p50_ns);
  run.latency_from_send = summary_around(near * 0.96, samples / 4, trial + p50_ns + 1);
  run.relay = summary_around(38'000, samples / fanout, trial);
  run.ack_latency = summary_around(near * 1.2, samples / 4, trial + p50_ns + 2);
  for (std::uint64_t at = 1; at <= fanout; ++at) {
    bench::ClientResult client;
    client.name = "subscriber " + std::to_string(at);
    client.received = samples / fanout;
    client.latency = summary_around(near * (1 + 0.01 * static_cast<double>(at)), 5000, trial + at);
    client.latency_from_send =
        summary_around(near * (0.96 + 0.01 * static_cast<double>(at)), 5000, trial + at);
    run.clients.push_back(client);
  }
  run.rates = {
      20.0,      1000,   0.256, 1000.0 * static_cast<double>(fanout), 0.256 * static_cast<double>(fanout),
      5'120'000, 1 << 20};
  run.counts.published = samples / fanout;
  run.counts.acked = run.counts.published;
  run.counts.expected = run.counts.delivered = run.counts.published * fanout;
  run.cpu = {0.2, 0.1, 0.1, 9.1, 6.2, 5.4};
  for (int at = 1; at <= 20; ++at) {
    const std::uint64_t wave = static_cast<std::uint64_t>(at * at * 7919 % 13);
    run.timeline.push_back(
        {static_cast<double>(at), 1000, p50_ns + wave * p50_ns / 100, p50_ns * 3 + wave * p50_ns / 5});
  }
  return run;
}

bench::Run sample_throughput_run(double delivered_per_s, std::uint64_t payload_bytes, std::uint64_t fanout,
                                 std::uint64_t trial) {
  bench::Run run = base_run("throughput", trial);
  run.parameters.payload_bytes = payload_bytes;
  run.parameters.fanout = fanout;
  run.parameters.batch = 64;
  run.parameters.loop = "closed";
  const double rate = delivered_per_s * (1 + 0.02 * static_cast<double>(trial % 3));
  const double mb = rate * static_cast<double>(payload_bytes) / 1e6;
  const double copies = static_cast<double>(fanout);
  run.rates = {8.4, rate / copies, mb / copies, rate, mb, static_cast<std::uint64_t>(mb * 8e6), 64u << 20};
  run.counts.published = run.counts.acked = static_cast<std::uint64_t>(rate * 8.4 / copies);
  run.counts.expected = run.counts.delivered = run.counts.published * fanout;
  run.cpu = {8, 5, 6, 1.6e6 / rate * copies, 0.6e6 / rate * copies, 0.7e6 / rate};
  return run;
}

bench::Run sample_sweep_run() {
  bench::Run run = base_run("sweep", 1);
  double offered = 1000;
  for (int at = 0; at < 12; ++at, offered *= 1.8) {
    const double delivered = std::min(offered, 430'000.0);
    const double full = delivered / 440'000;
    const double stretch = 1 / (1 - full * 0.97);
    run.sweep.push_back({offered, delivered, static_cast<std::uint64_t>(44'000 * stretch),
                         static_cast<std::uint64_t>(140'000 * stretch * stretch),
                         static_cast<std::uint64_t>(390'000 * stretch * stretch),
                         static_cast<std::uint64_t>(delivered * 5), offered <= 430'000});
  }
  run.knee_per_s = 357'000;
  return run;
}

std::vector<bench::Run> sample_runs() {
  std::vector<bench::Run> runs;
  for (std::uint64_t trial = 1; trial <= 5; ++trial) {
    runs.push_back(sample_latency_run(47'000, 1, trial, 60'000));
    runs.push_back(sample_latency_run(92'000, 10, trial, 200'000));
    runs.push_back(sample_throughput_run(430'000, 1024, 1, trial));
    runs.push_back(sample_throughput_run(890'000, 1024, 10, trial));
  }
  runs.push_back(sample_throughput_run(2'600'000, 64, 1, 1));
  runs.push_back(sample_sweep_run());
  bench::Run lossy = sample_throughput_run(39'000, 16384, 1, 1);
  lossy.counts.lost = lossy.counts.dropped = 17;
  lossy.counts.delivered -= 17;
  lossy.clients.push_back({"subscriber 1", lossy.counts.delivered, 17, 0, 0, 17, {}, {}});
  lossy.verdict = {false, {"17 of 327,600 records were lost <here>"}};
  lossy.notes = {"moved less than twice the send window: part of the rate is a copy into a buffer"};
  runs.push_back(lossy);
  return runs;
}

}  // namespace felix::test
