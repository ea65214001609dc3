#pragma once
// One row of a settings table: everything there is to know about a setting. Flags, environment, felix.toml,
// --print-config, the man page and the completions are all made from these rows.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace felix::config {

enum class SettingType : std::uint8_t {
  text,
  path,
  boolean,   // true or false
  integer,   // decimal, not negative
  size,      // bytes: "64KiB", "16MiB", "1GiB", "512B"
  duration,  // "250ms", "6s", "5m", "2h", "100us"
  address,   // numeric with a port: "0.0.0.0:5000", "[::1]:5000"
  word,      // one of `words`
  list,      // texts; separated by commas outside of a file
};

struct Setting {
  std::string_view name{};  // "limits.max_frame": table and key of felix.toml
  std::string_view env{};
  std::string_view flag{};  // "--max-frame"
  SettingType type = SettingType::text;
  std::string_view fallback{};  // the default as one would write it; empty: none
  // Allowed range of integers (as they are), sizes (bytes) and durations (nanoseconds); both included.
  std::uint64_t least = 0;
  std::uint64_t most = UINT64_MAX;
  std::string_view words{};     // "drop_new|drop_old|block"
  bool secret = false;          // never shown
  std::string_view sentence{};  // one plain line, with its full stop
};

// text, path, address, word: std::string; integer and size: std::uint64_t.
using SettingValue = std::variant<std::string, bool, std::uint64_t, Duration, std::vector<std::string>>;

// What a plain number means where a duration is wanted: nothing, or the unit that the name of an environment
// variable ends in (_MS, _US).
enum class PlainNumber : std::uint8_t { refused, milliseconds, microseconds };
PlainNumber plain_number_of(std::string_view env);

// Errc::usage: "wants a size from 1KiB to 64MiB (\"64KiB\"), not 'x'". A plain number where a size is wanted
// counts bytes.
Result<SettingValue> parse_value(const Setting& setting, std::string_view text,
                                 PlainNumber plain = PlainNumber::refused);
// The shortest spelling that parse_value() reads back. Secrets too.
std::string format_value(const Setting& setting, const SettingValue& value);
// What the setting wants, for help: "a size from 1KiB to 64MiB", "drop_new, drop_old or block".
std::string wanted(const Setting& setting);
// What stands for the value in a synopsis: "SIZE", "FILE", "drop_new|drop_old|block".
std::string placeholder(const Setting& setting);

// Null when the table has no such setting.
const Setting* find_by_name(std::span<const Setting> table, std::string_view name);
const Setting* find_by_env(std::span<const Setting> table, std::string_view env);

}  // namespace felix::config
