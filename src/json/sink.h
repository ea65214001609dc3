#pragma once
// The two things a Writer appends to, seen alike. Internal to the module.

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace felix::json {

inline void append(std::string& out, std::string_view text) { out += text; }
inline void append(std::string& out, char c) { out += c; }
inline void append(std::vector<std::byte>& out, std::string_view text) {
  const Bytes bytes = as_bytes(text);
  out.insert(out.end(), bytes.begin(), bytes.end());
}
inline void append(std::vector<std::byte>& out, char c) { out.push_back(static_cast<std::byte>(c)); }

}  // namespace felix::json
