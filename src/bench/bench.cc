#include "bench/bench.h"

#include "bench/environment.h"

namespace felix::bench {

Run begin_run(const Bench& bench, std::string shape) {
  Run run;
  run.tool_version = FELIX_VERSION;
  run.started_at = utc_text(bench.loop.clock().wall_now());
  run.shape = std::move(shape);
  run.environment = bench.environment;
  run.environment.server = bench.options.servers.empty() ? "" : bench.options.servers.front();
  run.parameters.spawned = bench.broker != nullptr;
  return run;
}

void note_cipher(Run& run, const std::string& cipher) {
  if (!cipher.empty() && !run.environment.tls.ends_with(cipher)) run.environment.tls += ", " + cipher;
}

}  // namespace felix::bench
