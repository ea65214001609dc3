#pragma once
// The one call that measures.

#include <functional>
#include <vector>

#include "base/error.h"
#include "bench/bench.h"
#include "bench/plan.h"

namespace felix::bench {

// All runs of the request, `trials` times each; `on_run` hears of each when it ends. An error is what kept
// one from being measured: usage, interrupted, or the client's.
Result<std::vector<Run>> measure(Bench& bench, const Request& request,
                                 const std::function<void(const Run&)>& on_run);

}  // namespace felix::bench
