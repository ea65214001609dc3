#pragma once
// Lowercase hexadecimal; the decoder accepts either case and nothing else.

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace felix {

std::string encode_hex(Bytes bytes);
Result<std::vector<std::byte>> decode_hex(std::string_view text);

}  // namespace felix
