#pragma once
// A broker started for a measurement: this same program, in a process of its own, on free ports of 127.0.0.1,
// with a state directory that is removed afterwards. Ended by its process id.

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "bench/placement.h"
#include "client/options.h"

namespace felix::bench {

class BrokerProcess {
 public:
  // Returns when it takes clients. `program`: a felix; `options`: further options of `felix broker`; `cpus`:
  // where it may run. unavailable: it ended, with its last words; timed_out.
  static Result<std::unique_ptr<BrokerProcess>> start(const std::string& program,
                                                      const std::vector<std::string>& options,
                                                      const std::optional<CpuRange>& cpus = {});
  // SIGTERM, and SIGKILL when it does not go.
  ~BrokerProcess();
  BrokerProcess(const BrokerProcess&) = delete;
  BrokerProcess& operator=(const BrokerProcess&) = delete;

  int pid() const { return pid_; }
  // As its administrator.
  const client::ConnectOptions& client_options() const { return client_options_; }
  // CPU seconds used so far by all its threads; 0 when it is gone.
  double cpu_s() const;
  // Memory it holds now that is its own; 0 when it is gone.
  std::uint64_t resident_bytes() const;
  // What it has of its heap, in use, as its /metrics says; 0 when it is gone, or its log does not say where
  // that is (--log-level).
  std::uint64_t allocated_bytes() const;

 private:
  BrokerProcess() = default;
  Status wait_ready();
  std::string last_words() const;

  int pid_ = -1;
  int pid_fd_ = -1;  // readable when it has ended
  std::string directory_;
  client::ConnectOptions client_options_;
};

}  // namespace felix::bench
