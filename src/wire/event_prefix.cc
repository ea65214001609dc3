#include "wire/event_prefix.h"

#include <array>

#include "base/contract.h"
#include "wire/flags.h"
#include "wire/header.h"

namespace felix::wire {

flow::InlineBytes encode_event_prefix(const EventPrefix& prefix) {
  std::array<std::byte, kMaxEventPrefixBytes> bytes;
  std::uint16_t flags = kBinaryEventBatchShared;
  std::size_t size = kHeaderBytes;
  auto put = [&](auto value) {
    store_be(bytes.data() + size, value);
    size += sizeof value;
  };
  if (prefix.subscription_id) {
    flags = kBinaryEventBatch;
    put(prefix.subscription_id->value);
  }
  if (prefix.base_offset) {
    flags |= kEventBatchOffsets;
    put(*prefix.base_offset);
  }
  put(prefix.count);
  const std::size_t payload_bytes = size - kHeaderBytes + prefix.body_bytes;
  FELIX_ASSERT(payload_bytes <= UINT32_MAX);
  store_header(bytes.data(), {flags, static_cast<std::uint32_t>(payload_bytes)});
  return flow::InlineBytes(Bytes(bytes.data(), size));
}

}  // namespace felix::wire
