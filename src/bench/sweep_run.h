#pragma once
// Latency against load: open-loop runs at rising rates until the knee, then around it.

#include "base/error.h"
#include "bench/bench.h"
#include "bench/load.h"

namespace felix::bench {

// Begins at `first.rate`; each rate is measured for `first.duration`. Loss beyond the knee is what it looks
// like there, and no failure.
Result<Run> run_sweep(Bench& bench, const Load& first, std::uint64_t max_rate);

}  // namespace felix::bench
