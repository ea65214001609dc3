#pragma once
// How much is said, in general and by module.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace felix::telemetry {

enum class Level : std::uint8_t { trace, debug, info, warn, error };

// "trace", "debug", "info", "warn" or "error".
std::string_view to_string(Level level);
Result<Level> parse_level(std::string_view text);

// "info,transport=debug,http=warn": at most one general level, at most one level a module.
struct LevelSpec {
  Level general = Level::info;
  std::vector<std::pair<std::string, Level>> modules;

  Level level_of(std::string_view module) const;
};

// Errc::usage names the part that is wrong. An empty text is the default.
Result<LevelSpec> parse_level_spec(std::string_view text);

}  // namespace felix::telemetry
