#pragma once

#include <string>

#include "base/time.h"
#include "bench/result.h"

namespace felix::bench {

// This machine, as the system tells. What it does not tell stays empty.
Environment read_environment();
// "2026-01-02T03:04:05Z"
std::string utc_text(WallTime at);

}  // namespace felix::bench
