#pragma once
// Sizes and durations as people write them. Internal to the module.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace felix::config {

// Decimal digits only; nothing on overflow.
std::optional<std::uint64_t> parse_integer(std::string_view text);
// "64KiB" or plain bytes.
std::optional<std::uint64_t> parse_size(std::string_view text);
// In nanoseconds; the unit is required ("0" alone is fine). At most 2^63 - 1.
std::optional<std::uint64_t> parse_duration(std::string_view text);

// The largest unit that divides exactly.
std::string format_size(std::uint64_t bytes);
std::string format_duration(std::uint64_t nanoseconds);

}  // namespace felix::config
