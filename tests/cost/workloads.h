#pragma once

#include <cstdint>
#include <span>

#include "cost/bed.h"

namespace felix::cost {

struct Measured {
  std::uint64_t records =
      0;  // what the costs are divided by: records published, values got, connections made
  Cost cost;
};

struct Workload {
  const char* name;
  Measured (*run)(Bed& bed);
};

std::span<const Workload> workloads();

}  // namespace felix::cost
