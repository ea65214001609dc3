#pragma once
// What the fuzz targets share. A broken property ends the process, which is how libFuzzer notices.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/contract.h"
#include "flow/frame.h"
#include "fuzz/requested_bytes.h"
#include "json/reader.h"
#include "wire/header.h"

namespace felix::fuzz {

// What a decoder may ask for whatever it is given: the words of its refusal, a Frame's head and its rounding
// up.
inline constexpr std::size_t kFixedBytes = 2048;

// Runs `decode`, which may ask the allocator for twice what it is given and `fixed`: nothing is allocated on
// the word of a length or a count.
template <class Decode>
auto decoded_within(std::size_t input_bytes, std::size_t fixed, Decode decode) {
  const std::uint64_t before = requested_bytes();
  auto result = decode();
  FELIX_ASSERT(requested_bytes() - before <= 2 * input_bytes + fixed);
  return result;
}
template <class Decode>
auto decoded_within_bounds(std::size_t input_bytes, Decode decode) {
  return decoded_within(input_bytes, kFixedBytes, std::move(decode));
}

inline Bytes input(const std::uint8_t* data, std::size_t size) {
  return std::as_bytes(std::span(data, size));
}

// Targets of one payload take its two bytes of flags first.
struct Payload {
  std::uint16_t flags = 0;
  flow::Slice bytes;
};
inline Payload payload(const std::uint8_t* data, std::size_t size) {
  ByteReader reader(input(data, size));
  Payload made;
  made.flags = reader.u16();
  made.bytes = flow::Slice::copy_of(reader.ok() ? reader.rest() : Bytes{});
  return made;
}
inline Payload payload_of_frame(const std::vector<std::byte>& frame, std::uint32_t magic = wire::kMagic) {
  const auto header = wire::parse_header(Bytes(frame).first<wire::kHeaderBytes>(), magic);
  FELIX_ASSERT(header && header->payload_bytes == frame.size() - wire::kHeaderBytes);
  return {header->flags, flow::Slice::copy_of(Bytes(frame).subspan(wire::kHeaderBytes))};
}

// A parsed text keeps 40 bytes a value at most, in a buffer that doubles, and its longest text without
// escapes; a value takes one byte of the text at least, and one between it and the next.
inline std::size_t json_bytes(std::string_view text) {
  std::size_t values = 2;
  for (const char c : text) values += c == ',' || c == ':' || c == '[' || c == '{';
  return 3 * 40 * values + text.size();
}

inline json::Reader& reader() {
  static json::Reader one;
  return one;
}

}  // namespace felix::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
