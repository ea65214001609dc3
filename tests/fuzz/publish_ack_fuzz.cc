// An ack that is accepted survives encoding (but for an over-long message, which is cut).

#include "fuzz/fuzz.h"
#include "wire/ack_codec.h"
#include "wire/flags.h"

using namespace felix;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Payload payload = fuzz::payload(data, size);
  if (wire::check_flags(payload.flags, wire::kKnownFlagsT2) != wire::FrameKind::publish_ack) return 0;
  auto ack = fuzz::decoded_within_bounds(
      payload.bytes.size(), [&] { return wire::parse_publish_ack(payload.flags, payload.bytes.bytes()); });
  if (!ack) return 0;
  std::vector<std::byte> frame;
  wire::append_publish_ack(frame, *ack, wire::kKnownFlagsT2);
  const fuzz::Payload second = fuzz::payload_of_frame(frame);
  const auto again = wire::parse_publish_ack(second.flags, second.bytes.bytes());
  FELIX_ASSERT(again && ack->message.starts_with(again->message));
  ack->message = again->message;
  FELIX_ASSERT(*ack == *again);
  return 0;
}
