#pragma once
// TOML as a flat list of what it sets; the only place that knows the library.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"

namespace felix::config {

// A value no setting can have.
struct OtherType {
  std::string name;  // "a floating-point number", "an array of something else than strings"
};

struct TomlEntry {
  std::string name;  // "limits.max_frame": tables and key, joined by dots
  std::uint32_t line = 0;
  std::variant<std::string, std::int64_t, bool, std::vector<std::string>, OtherType> value;
};

// By line, then by name; empty tables left out. Errc::usage: "felix.toml:3: ..." with the library's reason;
// `path` is for that message only.
Result<std::vector<TomlEntry>> parse_toml(const std::string& path, std::string_view text);

// A basic string with quotes and escapes.
std::string toml_quoted(std::string_view text);

}  // namespace felix::config
