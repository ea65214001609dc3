#pragma once
// RFC 4648 codecs. Decoders are strict: wrong length, wrong padding, foreign characters and non-zero
// trailing bits are refused, so that one value has one spelling.

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace felix {

// Standard alphabet with '=' padding (wire protocol section 6.1).
std::string encode_base64(Bytes bytes);
void append_base64(std::string& out, Bytes bytes);
constexpr std::size_t encoded_base64_size(std::size_t byte_count) { return (byte_count + 2) / 3 * 4; }
// `out` has exactly encoded_base64_size(bytes.size()) bytes.
void encode_base64_into(Bytes bytes, MutableBytes out);
Result<std::vector<std::byte>> decode_base64(std::string_view text);
// Exact decoded size of well-formed padded text; an upper bound otherwise.
std::size_t decoded_base64_size(std::string_view text);
// Decodes into `out`, which has decoded_base64_size(text) bytes. Returns bytes written; malformed otherwise.
Result<std::size_t> decode_base64_into(std::string_view text, MutableBytes out);

// URL-safe alphabet without padding (JOSE).
std::string encode_base64url(Bytes bytes);
Result<std::vector<std::byte>> decode_base64url(std::string_view text);

}  // namespace felix
