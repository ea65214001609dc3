#include "base/base64.h"

#include <algorithm>
#include <array>

#include "base/base64_blocks.h"
#include "base/contract.h"

namespace felix {
namespace {

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kForeign = 0xff;

constexpr std::array<std::uint8_t, 256> reverse_of(std::string_view alphabet) {
  std::array<std::uint8_t, 256> table{};
  table.fill(kForeign);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return table;
}
constexpr auto kFromStandard = reverse_of(kStandard);
constexpr auto kFromUrlSafe = reverse_of(kUrlSafe);

// `bytes` from the `i`th on. Returns the end of what it wrote to `to`.
char* encode(char* to, Bytes bytes, std::size_t i, std::string_view alphabet, bool padded) {
  auto at = [&](std::size_t index) { return std::to_integer<std::uint32_t>(bytes[index]); };
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t group = at(i) << 16 | at(i + 1) << 8 | at(i + 2);
    *to++ = alphabet[group >> 18];
    *to++ = alphabet[group >> 12 & 63];
    *to++ = alphabet[group >> 6 & 63];
    *to++ = alphabet[group & 63];
  }
  const std::size_t left = bytes.size() - i;
  if (left > 0) {
    const std::uint32_t group = at(i) << 16 | (left == 2 ? at(i + 1) << 8 : 0);
    *to++ = alphabet[group >> 18];
    *to++ = alphabet[group >> 12 & 63];
    if (left == 2) *to++ = alphabet[group >> 6 & 63];
    if (padded) to = std::fill_n(to, 3 - left, '=');
  }
  return to;
}

void encode_standard(char* to, Bytes bytes) {
  const auto done = detail::encode_base64_blocks(bytes, to);
  encode(to + done.written, bytes, done.read, kStandard, true);
}

// `text` without padding; the parts of both that `done` tells of are dealt with.
Result<std::size_t> decode(std::string_view text, MutableBytes out, detail::Base64Progress done,
                           const std::array<std::uint8_t, 256>& table) {
  auto bad = [] { return fail(Errc::malformed, "base64: not a canonical encoding"); };
  const std::size_t tail = text.size() % 4;
  if (tail == 1) return bad();
  std::byte* to = out.data() + done.written;
  const auto* from = reinterpret_cast<const unsigned char*>(text.data());
  const auto* end = from + (text.size() - tail);
  from += done.read;
  for (; from != end; from += 4) {
    const std::uint32_t a = table[from[0]], b = table[from[1]], c = table[from[2]], d = table[from[3]];
    if ((a | b | c | d) & 0xc0) return bad();
    const std::uint32_t group = a << 18 | b << 12 | c << 6 | d;
    *to++ = static_cast<std::byte>(group >> 16);
    *to++ = static_cast<std::byte>(group >> 8 & 0xff);
    *to++ = static_cast<std::byte>(group & 0xff);
  }
  if (tail > 0) {
    const std::uint32_t a = table[from[0]], b = table[from[1]], c = tail == 3 ? table[from[2]] : 0;
    if ((a | b | c) & 0xc0) return bad();
    const std::uint32_t group = a << 18 | b << 12 | c << 6;
    *to++ = static_cast<std::byte>(group >> 16);
    if (tail == 3) *to++ = static_cast<std::byte>(group >> 8 & 0xff);
    if ((tail == 3 ? group & 0xff : group & 0xffff) != 0) return bad();
  }
  return static_cast<std::size_t>(to - out.data());
}

std::size_t padding_of(std::string_view text) {
  if (text.size() < 4 || text.back() != '=') return 0;
  return text[text.size() - 2] == '=' ? 2 : 1;
}

}  // namespace

std::string encode_base64(Bytes bytes) {
  std::string out;
  append_base64(out, bytes);
  return out;
}

void append_base64(std::string& out, Bytes bytes) {
  const std::size_t start = out.size();
  out.resize(start + encoded_base64_size(bytes.size()));
  encode_standard(out.data() + start, bytes);
}

void encode_base64_into(Bytes bytes, MutableBytes out) {
  FELIX_ASSERT(out.size() == encoded_base64_size(bytes.size()));
  encode_standard(reinterpret_cast<char*>(out.data()), bytes);
}

std::size_t decoded_base64_size(std::string_view text) { return text.size() / 4 * 3 - padding_of(text); }

Result<std::size_t> decode_base64_into(std::string_view text, MutableBytes out) {
  if (text.size() % 4 != 0) return fail(Errc::malformed, "base64: length is not a multiple of 4");
  text.remove_suffix(padding_of(text));
  return decode(text, out, detail::decode_base64_blocks(text, out), kFromStandard);
}

Result<std::vector<std::byte>> decode_base64(std::string_view text) {
  std::vector<std::byte> out(decoded_base64_size(text));
  FELIX_CHECK(decode_base64_into(text, out));
  return out;
}

std::string encode_base64url(Bytes bytes) {
  std::string out(encoded_base64_size(bytes.size()), '\0');
  out.resize(static_cast<std::size_t>(encode(out.data(), bytes, 0, kUrlSafe, false) - out.data()));
  return out;
}

Result<std::vector<std::byte>> decode_base64url(std::string_view text) {
  std::vector<std::byte> out(text.size() / 4 * 3 + 3);
  FELIX_TRY(const std::size_t size, decode(text, out, {}, kFromUrlSafe));
  out.resize(size);
  return out;
}

}  // namespace felix
