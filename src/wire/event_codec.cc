#include "wire/event_codec.h"

#include "base/contract.h"
#include "base/utf8.h"
#include "wire/flags.h"
#include "wire/header.h"

namespace felix::wire {

Result<EventBatch> parse_event_batch(std::uint16_t flags, const flow::Slice& payload) {
  if ((flags & kEventBatchTimestamps) != 0)
    return fail(Errc::unsupported, "event batch: timestamps per event are not read by this build");
  ByteReader reader(payload.bytes());
  EventBatch batch;
  if ((flags & kBinaryEventBatch) != 0) batch.subscription_id = SubscriptionId(reader.u64());
  if ((flags & kEventBatchOffsets) != 0) batch.base_offset = reader.u64();
  if ((flags & kEventBatchSkipped) != 0) batch.skipped_before = reader.u64();
  if ((flags & kEventBatchPublisher) != 0) {
    const Bytes publisher = reader.take(reader.u8());
    if (!is_utf8(publisher)) return fail(Errc::malformed, "event batch: the publisher is not UTF-8");
    batch.publisher = as_text(publisher);
  }
  const std::uint32_t count = reader.u32();
  if (!reader.ok()) return fail(Errc::malformed, "event batch: ends before its records");
  auto records = RecordRun::parse(payload.sub(reader.position(), reader.remaining()), count);
  if (!records) return std::unexpected(with_context("event batch", std::move(records).error()));
  batch.records = *std::move(records);
  return batch;
}

std::uint16_t event_flags(const EventBatch& batch) {
  std::uint16_t flags = batch.subscription_id ? kBinaryEventBatch : kBinaryEventBatchShared;
  if (batch.base_offset) flags |= kEventBatchOffsets;
  if (batch.skipped_before) flags |= kEventBatchSkipped;
  if (batch.publisher) flags |= kEventBatchPublisher;
  return flags;
}

void append_event_batch(std::vector<std::byte>& out, const EventBatch& batch) {
  FELIX_ASSERT(!batch.publisher || batch.publisher->size() <= UINT8_MAX);
  FELIX_ASSERT(!batch.skipped_before || batch.base_offset);
  const std::size_t start = out.size();
  out.resize(start + kHeaderBytes);
  ByteWriter writer(out);
  if (batch.subscription_id) writer.u64(batch.subscription_id->value);
  if (batch.base_offset) writer.u64(*batch.base_offset);
  if (batch.skipped_before) writer.u64(*batch.skipped_before);
  if (batch.publisher) {
    writer.u8(static_cast<std::uint8_t>(batch.publisher->size()));
    writer.text(*batch.publisher);
  }
  writer.u32(batch.records.count());
  writer.bytes(batch.records.slice().bytes());
  const std::size_t payload_bytes = out.size() - start - kHeaderBytes;
  FELIX_ASSERT(payload_bytes <= UINT32_MAX);
  store_header(out.data() + start, {event_flags(batch), static_cast<std::uint32_t>(payload_bytes)});
}

}  // namespace felix::wire
