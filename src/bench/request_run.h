#pragma once
// A run of clients that make requests: the shapes cache and connect.

#include <cstdint>
#include <string>

#include "base/error.h"
#include "base/time.h"
#include "bench/bench.h"
#include "bench/request_worker.h"

namespace felix::bench {

struct RequestLoad {
  std::string what;           // for the progress line
  std::uint64_t clients = 1;  // at most kMaxRequestClients
  bool processes = false;     // each in a process of its own, not a thread
  Placement placement;        // the clients stand where publishers do
  Duration warmup = std::chrono::seconds(1);
  Duration duration = std::chrono::seconds(10);
};

// Runs them, from all being ready to the last answer, and fills what is known of any such run: parameters,
// latency, clients, rates, counts, CPU, timeline, verdict. An error is what kept it from being measured.
Status run_requests(Bench& bench, const RequestLoad& load, const RequestWorkers::Work& work, Run& run);

// Of a client: counts itself ready and waits for the start by turning `loop`. From when on it measures; 0:
// stopped before.
std::uint64_t await_start(io::Loop& loop, RequestBoard& board);

}  // namespace felix::bench
