#pragma once
// What the vector runner needs of parsed JSON beyond reading it. Internal to the module.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "json/value.h"

namespace felix::conformance {

// `value` without whitespace, members in the order written, strings in canonical escapes.
std::string compact(const json::Value& value);

// The same value, whatever the order of members.
bool equivalent(const json::Value& a, const json::Value& b);

// Members of a vector; malformed, naming the member, when one is missing (unless there is a default) or of
// another type.
Result<std::string> text_member(const json::Value& object, std::string_view name);
Result<std::string> text_member(const json::Value& object, std::string_view name, std::string_view otherwise);
Result<std::uint64_t> uint_member(const json::Value& object, std::string_view name, std::uint64_t most);
Result<std::uint64_t> uint_member(const json::Value& object, std::string_view name, std::uint64_t most,
                                  std::uint64_t otherwise);
// Lowercase hexadecimal.
Result<std::vector<std::byte>> hex_member(const json::Value& object, std::string_view name);

}  // namespace felix::conformance
