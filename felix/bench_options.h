#pragma once
// What `felix bench` takes.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/plan.h"
#include "felix/client_flags.h"
#include "felix/syntax.h"

namespace felix::command {

enum class BenchTask : unsigned char { measure, targets, floor, compare };

struct BenchOptions {
  ClientFlags client;
  BenchTask task = BenchTask::measure;
  bench::Request request;
  std::optional<std::uint64_t> trials;
  std::vector<std::string> files;  // compare
  bool spawn = false;
  std::vector<std::string> broker_options;
  bool floor = false;
  bool json = false;
  std::optional<std::string> save_file;
  std::optional<std::string> report_file;
  std::optional<std::uint64_t> fail_if_slower_percent;  // compare
  std::vector<std::string> only;                        // targets
  std::optional<std::string> peers_file;                // targets
  bool fail_if_missed = false;                          // targets
};

void declare_bench_options(Syntax& syntax, BenchOptions& options);

}  // namespace felix::command
