#pragma once
// Runs as text for people: no line longer than 100 columns, no colours, nothing that asks what a terminal
// can. Pure.

#include <string>
#include <vector>

#include "bench/result.h"
#include "bench/sparkline.h"

namespace felix::bench {

// A block for each group of equal runs (trials are shown as their median, lowest and highest), and a summary
// with a line each when there is more than one. Percentiles with fewer than ten samples beyond them carry a
// "~". Ends with a line feed; empty for no runs.
std::string render_table(const std::vector<Run>& runs, Glyphs glyphs = Glyphs::unicode);

}  // namespace felix::bench
