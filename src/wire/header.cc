#include "wire/header.h"

#include "base/hex.h"

namespace felix::wire {

Result<FrameHeader> parse_header(std::span<const std::byte, kHeaderBytes> bytes, std::uint32_t magic) {
  if (load_be<std::uint32_t>(bytes.data()) != magic)
    return fail(Errc::malformed, "frame header: magic " + encode_hex(bytes.first(4)) + " is not a Felix " +
                                     (magic == kMagic ? "client frame" : "frame between brokers"));
  const auto version = load_be<std::uint16_t>(bytes.data() + 4);
  if (version != kVersion)
    return fail(Errc::unsupported,
                "frame header: version " + std::to_string(version) + ", this build speaks version 1");
  return FrameHeader{load_be<std::uint16_t>(bytes.data() + 6), load_be<std::uint32_t>(bytes.data() + 8)};
}

}  // namespace felix::wire
