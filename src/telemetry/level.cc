#include "telemetry/level.h"

#include <algorithm>
#include <array>

namespace felix::telemetry {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"trace", "debug", "info", "warn", "error"};

}  // namespace

std::string_view to_string(Level level) { return kNames[static_cast<std::size_t>(level)]; }

Result<Level> parse_level(std::string_view text) {
  const auto* found = std::find(kNames.begin(), kNames.end(), text);
  if (found == kNames.end())
    return fail(Errc::usage,
                "log level '" + std::string(text) + "' is unknown; use trace, debug, info, warn or error");
  return static_cast<Level>(found - kNames.begin());
}

Level LevelSpec::level_of(std::string_view module) const {
  for (const auto& [name, level] : modules)
    if (name == module) return level;
  return general;
}

Result<LevelSpec> parse_level_spec(std::string_view text) {
  LevelSpec spec;
  bool general_given = false;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    if (part.empty() || (comma != std::string_view::npos && text.empty()))
      return fail(Errc::usage, "log levels have an empty part; write them as 'info,transport=debug'");
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) {
      if (general_given)
        return fail(Errc::usage,
                    "log levels name two general levels, the second is '" + std::string(part) + "'");
      FELIX_TRY(spec.general, parse_level(part));
      general_given = true;
      continue;
    }
    const std::string module(part.substr(0, equals));
    if (module.empty())
      return fail(Errc::usage, "log levels lack a module before '" + std::string(part) + "'");
    const auto same = [&](const auto& entry) { return entry.first == module; };
    if (std::any_of(spec.modules.begin(), spec.modules.end(), same))
      return fail(Errc::usage, "log levels name module '" + module + "' twice");
    FELIX_TRY(const Level level, parse_level(part.substr(equals + 1)));
    spec.modules.emplace_back(module, level);
  }
  return spec;
}

}  // namespace felix::telemetry
