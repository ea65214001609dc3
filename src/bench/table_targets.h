#pragma once
// The rows of a run of the shape "targets". Pure.

#include <string>

#include "bench/result.h"
#include "bench/table_layout.h"

namespace felix::bench {

// "≤ 1.35×", "≥ 600k/s".
std::string limit_text(const TargetResult& result);
// "680k/s–701k/s"; empty where all rounds are alike.
std::string rounds_text(const TargetResult& result);
// "11 of 14 targets met".
std::string targets_met_text(const Run& run);

TextTable target_table(const Run& run);

}  // namespace felix::bench
