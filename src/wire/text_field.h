#pragma once
// Text behind a u16 of length, as binary payloads carry it. Internal to the module.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/utf8.h"

namespace felix::wire {

// Clears `utf8` when the text is not; what is too short shows in `reader.ok()`.
inline std::string_view take_text(ByteReader& reader, bool& utf8) {
  const Bytes bytes = reader.take(reader.u16());
  utf8 = utf8 && is_utf8(bytes);
  return as_text(bytes);
}

// At most `limit` bytes of `text`, not ending inside a character.
inline std::string_view cut_text(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  auto continues = [&text](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80; };
  while (limit > 0 && continues(limit)) --limit;
  return text.substr(0, limit);
}

// As much of it as the length can say.
inline void put_text(ByteWriter& writer, std::string_view text) {
  const std::string_view fitting = cut_text(text, UINT16_MAX);
  writer.u16(static_cast<std::uint16_t>(fitting.size()));
  writer.text(fitting);
}

}  // namespace felix::wire
