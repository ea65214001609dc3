#pragma once
// Cache requests on one connection: so many in flight, each answered one followed by the next.

#include <cstdint>

#include "base/error.h"
#include "base/time.h"
#include "bench/bench.h"

namespace felix::bench {

struct CacheLoad {
  std::string cache = "felix-bench";
  bool put = false;
  bool json = false;  // as clients ask that know no other encoding
  std::uint64_t payload_bytes = 1024;
  std::uint64_t in_flight = 1;
  std::uint64_t keys = 1000;  // filled first; requests take turns over them
  std::uint64_t clients = 1;  // each a thread with its own connection
  Duration warmup = std::chrono::seconds(1);
  Duration duration = std::chrono::seconds(10);
  std::uint64_t seed = 0;
};

Result<Run> run_cache(Bench& bench, const CacheLoad& load);

}  // namespace felix::bench
