// A frame between brokers that is accepted survives encoding, byte for byte. Input: the kind, then the
// payload.

#include <algorithm>

#include "fuzz/fuzz.h"
#include "wire/internal_codec.h"

using namespace felix;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Payload payload = fuzz::payload(data, size);
  const auto message = fuzz::decoded_within_bounds(
      payload.bytes.size(), [&] { return wire::parse_internal(payload.flags, payload.bytes); });
  if (!message || std::holds_alternative<wire::UnknownInternal>(message->body)) return 0;
  std::vector<std::byte> frame;
  wire::append_internal_frame(frame, *message);
  const fuzz::Payload again = fuzz::payload_of_frame(frame, wire::kInternalMagic);
  FELIX_ASSERT(again.flags == payload.flags &&
               std::ranges::equal(again.bytes.bytes(), payload.bytes.bytes()));
  return 0;
}
