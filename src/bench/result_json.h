#pragma once
// Runs as JSON text: {"felix_bench":1,"runs":[...]}. Members nobody knows are ignored, absent ones keep their
// defaults, so that files of other versions can be compared.

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "bench/result.h"

namespace felix::bench {

// Ends with a line feed.
std::string encode_runs(const std::vector<Run>& runs);
// malformed: not JSON, not ours, or a member of the wrong kind (named).
Result<std::vector<Run>> parse_runs(std::string_view text);

}  // namespace felix::bench
