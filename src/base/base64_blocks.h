#pragma once
// The body of base64, standard alphabet, sixteen characters at a time where the CPU can shuffle bytes (SSSE3,
// as every x86 with AES instructions has); elsewhere nothing is done here. Internal to the module.

#include <cstddef>
#include <string_view>

#include "base/bytes.h"

namespace felix::detail {

// What was read and written; the rest is the caller's.
struct Base64Progress {
  std::size_t read = 0;
  std::size_t written = 0;
};

// Encodes groups of 12 bytes. `to` has room for all of it.
Base64Progress encode_base64_blocks(Bytes bytes, char* to);

// Decodes groups of 16 characters until one holds what is not of the alphabet, or little of `out` is left.
Base64Progress decode_base64_blocks(std::string_view text, MutableBytes out);

}  // namespace felix::detail
