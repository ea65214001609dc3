#pragma once
// What every shape is given.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/broker_process.h"
#include "bench/result.h"
#include "client/options.h"
#include "io/loop.h"

namespace felix::bench {

// How a run goes, for people who watch.
struct Progress {
  std::string what;            // "latency, 256 B, fan-out 10"
  double elapsed_s = 0;        // of the measurement; negative: still warming up
  double total_s = 0;          // 0: not known
  double per_s = 0;            // deliveries or operations in the latest interval
  std::vector<double> p50_us;  // by interval, the latest last
};

struct Bench {
  io::Loop& loop;  // the calling thread's; runs while clients work in threads of their own
  client::ConnectOptions options;
  const BrokerProcess* broker = nullptr;  // when it was started for this
  Environment environment;
  // May be empty. Called from the loop, a few times a second.
  std::function<void(const Progress&)> on_progress;
};

// A run with what is known before it starts.
Run begin_run(const Bench& bench, std::string shape);
// What its connections were encrypted with, once a client knows. Empty says nothing.
void note_cipher(Run& run, const std::string& cipher);

}  // namespace felix::bench
