// A batch that is accepted stays inside its payload and survives encoding.

#include "fuzz/fuzz.h"
#include "wire/flags.h"
#include "wire/publish_codec.h"

namespace {

using namespace felix;

std::vector<std::byte> encode(const wire::BinaryPublish& publish) {
  std::vector<std::byte> frame;
  FELIX_ASSERT(wire::append_publish_head(frame, publish).has_value());
  for (const Bytes record : publish.records) FELIX_ASSERT(record.size() <= publish.records.encoded_bytes());
  const Bytes records = publish.records.slice().bytes();
  frame.insert(frame.end(), records.begin(), records.end());
  return frame;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Payload payload = fuzz::payload(data, size);
  if (wire::check_flags(payload.flags, wire::kKnownFlagsT2) != wire::FrameKind::publish_batch) return 0;
  const auto publish = fuzz::decoded_within_bounds(
      payload.bytes.size(), [&] { return wire::parse_publish_batch(payload.flags, payload.bytes); });
  if (!publish) return 0;
  const std::vector<std::byte> frame = encode(*publish);
  const fuzz::Payload second = fuzz::payload_of_frame(frame);
  FELIX_ASSERT(second.flags == payload.flags && second.bytes.size() <= payload.bytes.size());
  const auto again = wire::parse_publish_batch(second.flags, second.bytes);
  FELIX_ASSERT(again && encode(*again) == frame);
  return 0;
}
