#pragma once
// One run of publishers and subscribers: the heart of the shapes latency, throughput, fanout and sweep.

#include <string>

#include "base/error.h"
#include "bench/bench.h"
#include "bench/load.h"

namespace felix::bench {

// Less than this measures copies into buffers.
inline constexpr std::uint64_t kMinMovedBytes = 128u << 20;
// Fewer samples than this say little about a p99.99.
inline constexpr std::uint64_t kManySamples = 1'000'000;

// Records under way at once that the broker's default queues hold without a drop, whatever the payload.
std::uint64_t default_flood_window(std::uint64_t payload_bytes, std::uint64_t batch);

// An error is what kept the run from being measured; loss is a verdict. interrupted: the loop was stopped.
Result<Run> run_pubsub(Bench& bench, const std::string& shape, const Load& load, bool allow_loss);

}  // namespace felix::bench
