// felix_cost WORKLOAD: runs one fixed workload and prints what it counted itself. felix_cost alone lists
// them. Meant to be run by check.py, under callgrind.

#include <cstdio>
#include <string_view>

#include <malloc.h>

#include "cost/workloads.h"

namespace {

unsigned long long number(std::uint64_t value) { return value; }

void print(const char* side, const felix::cost::MemoryUse& use) {
  std::printf("%s allocations %llu\n%s copied-bytes %llu\n", side, number(use.allocations), side,
              number(use.copied_bytes));
}

// When the heap grows and shrinks depends on what lies at its end: no measure of a record.
void keep_the_heap() {
  constexpr int kBytes = 64 << 20;
  mallopt(M_TOP_PAD, kBytes);
  mallopt(M_TRIM_THRESHOLD, 2 * kBytes);
  mallopt(M_MMAP_THRESHOLD, kBytes / 2);
}

}  // namespace

int main(int count, char** words) {
  using namespace felix;
  if (count == 1) {
    for (const cost::Workload& workload : cost::workloads()) std::printf("%s\n", workload.name);
    return 0;
  }
  keep_the_heap();
  for (const cost::Workload& workload : cost::workloads()) {
    if (std::string_view(words[1]) != workload.name) continue;
    cost::Bed bed;
    const cost::Measured measured = workload.run(bed);
    std::printf("records %llu\nturns %llu\n", number(measured.records), number(measured.cost.turns));
    print("broker", measured.cost.broker);
    print("client", measured.cost.client);
    return 0;
  }
  std::fprintf(stderr, "felix_cost: no workload %s; see felix_cost without a word\n", words[1]);
  return 2;
}
