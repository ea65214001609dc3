#pragma once
// Runs as one HTML page that needs nothing else: no script, no font, no image from elsewhere. Follows the
// reader's light or dark setting, prints, and says every plot in words too. Pure.

#include <string>
#include <vector>

#include "bench/result.h"

namespace felix::bench {

std::string render_report(const std::vector<Run>& runs);

}  // namespace felix::bench
