#include "bench/worst_subscriber.h"

#include <algorithm>

namespace felix::bench {

std::optional<LatencySummary> worst_subscriber(const Run& run, LatencySummary ClientResult::* which) {
  LatencySummary worst;
  std::size_t timed = 0;
  for (const ClientResult& client : run.clients) {
    const LatencySummary& one = client.*which;
    if (one.count == 0) continue;
    worst.count = timed == 0 ? one.count : std::min(worst.count, one.count);
    ++timed;
    for (const auto member :
         {&LatencySummary::min_ns, &LatencySummary::p50_ns, &LatencySummary::p90_ns, &LatencySummary::p99_ns,
          &LatencySummary::p999_ns, &LatencySummary::p9999_ns, &LatencySummary::max_ns})
      worst.*member = std::max(worst.*member, one.*member);
    worst.mean_ns = std::max(worst.mean_ns, one.mean_ns);
  }
  if (timed < 2) return std::nullopt;
  return worst;
}

}  // namespace felix::bench
