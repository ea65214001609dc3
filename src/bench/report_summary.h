#pragma once
// The top of the report: headline, key figures, failures. Pure.

#include <string>
#include <vector>

#include "bench/table_group.h"

namespace felix::bench {

// The first sentence of the page, and the one below it.
struct Headline {
  std::string figure;  // "42.1 µs"
  std::string rest;    // "from publish to delivery"
  std::string lead;
};
Headline headline_of(const std::vector<RunGroup>& groups);

std::string key_figures(const std::vector<RunGroup>& groups);
// What failed and what is flagged; nothing when every run is in order.
std::string failures(const std::vector<RunGroup>& groups);

}  // namespace felix::bench
