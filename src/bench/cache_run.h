#pragma once
// Cache requests, each client on a connection of its own: so many in flight, each answered one followed by
// the next.

#include <cstdint>

#include "base/error.h"
#include "bench/bench.h"
#include "bench/request_run.h"

namespace felix::bench {

struct CacheLoad {
  std::string cache = "felix-bench";
  bool put = false;
  bool json = false;  // as clients ask that know no other encoding
  std::uint64_t payload_bytes = 1024;
  std::uint64_t in_flight = 1;
  std::uint64_t keys = 1000;  // filled first; requests take turns over them
  std::uint64_t seed = 0;
  RequestLoad run;
};

Result<Run> run_cache(Bench& bench, const CacheLoad& load);

}  // namespace felix::bench
