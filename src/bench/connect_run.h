#pragma once
// Connections: how much memory an idle one costs the broker, and how many can be made and authenticated a
// second.

#include <cstdint>

#include "base/error.h"
#include "bench/bench.h"
#include "bench/request_run.h"

namespace felix::bench {

struct ConnectLoad {
  std::uint64_t idle = 400;      // connections weighed; only with a broker started for this
  std::uint64_t in_flight = 16;  // handshakes of each client at once
  RequestLoad run{.what = {},
                  .placement = {},
                  .warmup = std::chrono::milliseconds(500),
                  .duration = std::chrono::seconds(5)};
};

// Each client makes connections on one loop. A connection counts when the broker has accepted its token.
Result<Run> run_connect(Bench& bench, const ConnectLoad& load);

}  // namespace felix::bench
