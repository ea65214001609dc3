#pragma once
// The line on standard error that shows how a measurement goes, with its latency as a row of small bars.

#include <string>

#include "bench/bench.h"
#include "bench/sparkline.h"

namespace felix::command {

// At most 100 columns.
std::string progress_line(const bench::Progress& progress, bench::Glyphs glyphs);

}  // namespace felix::command
