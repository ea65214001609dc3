#pragma once
// Made-up runs for the tests of what is made of runs.

#include <vector>

#include "bench/result.h"

namespace felix::test {

// A paced latency run of `samples` deliveries whose median is near `p50_ns`, with a long tail; `trial` moves
// it a little. Always the same for the same arguments.
bench::Run sample_latency_run(std::uint64_t p50_ns, std::uint64_t fanout, std::uint64_t trial,
                              std::uint64_t samples);
// An unpaced run.
bench::Run sample_throughput_run(double delivered_per_s, std::uint64_t payload_bytes, std::uint64_t fanout,
                                 std::uint64_t trial);
bench::Run sample_sweep_run();
// One of each, with trials, a loss and notes.
std::vector<bench::Run> sample_runs();

}  // namespace felix::test
