#pragma once
// Connections: how much memory an idle one costs the broker, and how many can be made and authenticated a
// second.

#include <cstdint>

#include "base/error.h"
#include "base/time.h"
#include "bench/bench.h"

namespace felix::bench {

struct ConnectLoad {
  std::uint64_t idle = 400;      // connections weighed; only with a broker started for this
  std::uint64_t in_flight = 16;  // handshakes at once
  Duration warmup = std::chrono::milliseconds(500);
  Duration duration = std::chrono::seconds(5);
};

// Connections are made on this thread: one loop. A connection counts when the broker has accepted its token.
Result<Run> run_connect(Bench& bench, const ConnectLoad& load);

}  // namespace felix::bench
