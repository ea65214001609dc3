#include "wire/event_codec.h"

#include <string>

#include "base/contract.h"
#include "base/utf8.h"
#include "wire/event_prefix.h"
#include "wire/flags.h"
#include "wire/header.h"

namespace felix::wire {
namespace {

// `count x (u64 time, u32 length, bytes)`: the times apart, the records in a run of their own.
Status read_timed_records(Bytes bytes, std::uint32_t count, EventBatch& batch) {
  if (count > bytes.size() / (kTimestampBytes + kRecordLengthBytes))
    return fail(Errc::malformed, "event batch: record count " + std::to_string(count) + " does not fit the " +
                                     std::to_string(bytes.size()) + " bytes behind it");
  RecordRunBuilder records(bytes.size() - kTimestampBytes * count);
  batch.has_timestamps = true;
  batch.timestamps_us.reserve(count);
  ByteReader reader(bytes);
  for (std::uint32_t i = 0; i < count; ++i) {
    batch.timestamps_us.push_back(reader.u64());
    const Bytes record = reader.take(reader.u32());
    if (!reader.ok())
      return fail(Errc::malformed, "event batch: record " + std::to_string(i) + " does not fit");
    records.append(record);
  }
  batch.records = records.finish();
  return {};
}

}  // namespace

Result<EventBatch> parse_event_batch(std::uint16_t flags, const flow::Slice& payload) {
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
  if ((flags & kEventBatchTimestamps) != 0) {
    FELIX_CHECK(read_timed_records(payload.bytes().subspan(reader.position()), count, batch));
    return batch;
  }
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
  if (batch.has_timestamps) flags |= kEventBatchTimestamps;
  return flags;
}

void append_event_batch(std::vector<std::byte>& out, const EventBatch& batch) {
  FELIX_ASSERT(!batch.publisher || batch.publisher->size() <= kMaxPublisherBytes);
  FELIX_ASSERT(!batch.has_timestamps || batch.timestamps_us.size() == batch.records.count());
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
  if (batch.has_timestamps) {
    auto time = batch.timestamps_us.begin();
    for (const Bytes record : batch.records) {
      writer.u64(*time++);
      writer.u32(static_cast<std::uint32_t>(record.size()));
      writer.bytes(record);
    }
  } else {
    writer.bytes(batch.records.slice().bytes());
  }
  const std::size_t payload_bytes = out.size() - start - kHeaderBytes;
  FELIX_ASSERT(payload_bytes <= UINT32_MAX);
  store_header(out.data() + start, {event_flags(batch), static_cast<std::uint32_t>(payload_bytes)});
}

}  // namespace felix::wire
