#pragma once
// JSON string escaping (wire protocol section 6.1): \" \\ \b \f \n \r \t, other bytes below 0x20 as \u00xx in
// lowercase; everything else, '/' and DEL included, as it is.

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace felix::json {

// Appends `text` (UTF-8) between quotes.
void append_quoted(std::string& out, std::string_view text);
void append_quoted(std::vector<std::byte>& out, std::string_view text);

}  // namespace felix::json
