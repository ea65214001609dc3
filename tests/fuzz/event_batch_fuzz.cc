// An event batch that is accepted survives encoding.

#include "fuzz/fuzz.h"
#include "wire/event_codec.h"
#include "wire/flags.h"

using namespace felix;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Payload payload = fuzz::payload(data, size);
  if (wire::check_flags(payload.flags, wire::kKnownFlagsT2) != wire::FrameKind::event_batch) return 0;
  const auto batch = fuzz::decoded_within_bounds(
      payload.bytes.size(), [&] { return wire::parse_event_batch(payload.flags, payload.bytes); });
  if (!batch) return 0;
  std::vector<std::byte> frame;
  wire::append_event_batch(frame, *batch);
  const fuzz::Payload second = fuzz::payload_of_frame(frame);
  FELIX_ASSERT(second.flags == payload.flags && second.bytes.size() <= payload.bytes.size());
  const auto again = wire::parse_event_batch(second.flags, second.bytes);
  std::vector<std::byte> frame_again;
  FELIX_ASSERT(again.has_value());
  wire::append_event_batch(frame_again, *again);
  FELIX_ASSERT(frame_again == frame);
  return 0;
}
