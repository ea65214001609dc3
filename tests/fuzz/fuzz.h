#pragma once
// What the fuzz targets share. A broken property ends the process, which is how libFuzzer notices.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/contract.h"
#include "flow/frame.h"
#include "json/reader.h"
#include "wire/header.h"

namespace felix::fuzz {

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
inline Payload payload_of_frame(const std::vector<std::byte>& frame) {
  const auto header = wire::parse_header(Bytes(frame).first<wire::kHeaderBytes>());
  FELIX_ASSERT(header && header->payload_bytes == frame.size() - wire::kHeaderBytes);
  return {header->flags, flow::Slice::copy_of(Bytes(frame).subspan(wire::kHeaderBytes))};
}

inline json::Reader& reader() {
  static json::Reader one;
  return one;
}

}  // namespace felix::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
