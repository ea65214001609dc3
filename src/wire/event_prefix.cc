#include "wire/event_prefix.h"

#include <cstring>

#include "base/contract.h"
#include "wire/flags.h"
#include "wire/header.h"

namespace felix::wire {

EventHead encode_event_prefix(const EventPrefix& prefix) {
  EventHead head;
  std::byte* const bytes = head.bytes_.data();
  std::uint16_t flags = kBinaryEventBatchShared;
  std::size_t size = kHeaderBytes;
  auto put = [&](auto value) {
    store_be(bytes + size, value);
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
  if (prefix.publisher) {
    FELIX_ASSERT(prefix.publisher->size() <= kMaxPublisherBytes);
    flags |= kEventBatchPublisher;
    put(static_cast<std::uint8_t>(prefix.publisher->size()));
    std::memcpy(bytes + size, prefix.publisher->data(), prefix.publisher->size());
    size += prefix.publisher->size();
  }
  if (prefix.timestamps) flags |= kEventBatchTimestamps;
  put(prefix.count);
  const std::size_t payload_bytes = size - kHeaderBytes + prefix.body_bytes;
  FELIX_ASSERT(payload_bytes <= UINT32_MAX);
  store_header(bytes, {flags, static_cast<std::uint32_t>(payload_bytes)});
  head.size_ = size;
  return head;
}

flow::Slice timed_run(const RecordRun& run, std::uint64_t time_us) {
  FELIX_ASSERT(!run.empty());
  const std::size_t size = run.encoded_bytes() + kTimestampBytes * run.count();
  flow::Frame* const frame = flow::Frame::allocate(size);
  std::byte* at = frame->data();
  for (const Bytes record : run) {
    store_be(at, time_us);
    const std::size_t encoded = kRecordLengthBytes + record.size();
    std::memcpy(at + kTimestampBytes, record.data() - kRecordLengthBytes, encoded);
    at += kTimestampBytes + encoded;
  }
  return flow::Slice::adopt(frame, 0, size);
}

}  // namespace felix::wire
