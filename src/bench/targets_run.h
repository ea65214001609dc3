#pragma once
// All rows of the targets in one sitting: rounds of every row, so that a machine that drifts drifts for all
// of them, and the raw relay beside each latency.

#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "bench/bench.h"
#include "bench/targets.h"

namespace felix::bench {

struct TargetsRequest {
  std::vector<std::string> only;  // names of rows; empty: all
  std::uint64_t rounds = 3;
  Duration warmup = std::chrono::milliseconds(300);
  Duration duration = std::chrono::milliseconds(2500);  // of a run
  Placement placement;
  bool processes = false;
  std::uint64_t seed = 1;
  Peers peers;
};

// usage: a name that is no row's.
Status check_targets(const TargetsRequest& request);

// The runs of all rows, and last one of the shape "targets" whose `targets` say what they came to; it has
// failed when one of them has. `renew` gives bench a fresh broker before each run; empty: all measure the
// same one. Errors are those of measure().
Result<std::vector<Run>> measure_targets(Bench& bench, const TargetsRequest& request,
                                         const std::function<Status()>& renew);

}  // namespace felix::bench
