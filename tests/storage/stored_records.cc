#include "stored_records.h"

#include <algorithm>

namespace felix::test {

std::vector<std::byte> record_at(Offset offset, std::size_t record_bytes) {
  std::vector<std::byte> record(std::max(record_bytes, sizeof(Offset)));
  store_be<std::uint64_t>(record.data(), offset);
  for (std::size_t i = sizeof(Offset); i < record.size(); ++i)
    record[i] = static_cast<std::byte>((offset * 31 + i) % 251 + 1);
  return record;
}

storage::StoredBatch batch_at(Offset base, std::uint32_t count, std::size_t record_bytes,
                              std::uint64_t generation) {
  wire::RecordRunBuilder builder;
  for (std::uint32_t i = 0; i < count; ++i) builder.append(record_at(base + i, record_bytes));
  storage::StoredBatch batch;
  batch.base_offset = base;
  batch.run = builder.finish();
  batch.provenance = {nullptr, kTimeUs + static_cast<std::int64_t>(base)};
  batch.generation = generation;
  return batch;
}

Status append(storage::SegmentLog& log, std::uint32_t count, std::size_t record_bytes) {
  const auto batch = batch_at(log.tail(), count, record_bytes);
  return log.append({&batch, 1}, kTimeUs);
}

Status tidy(storage::SegmentLog& log) {
  FELIX_CHECK(log.reserve_ahead());
  return log.promise();
}

Result<std::uint64_t> read_all(storage::SegmentLog& log, std::optional<Offset> from) {
  std::uint64_t records = 0;
  for (Offset next = from.value_or(log.oldest()); next < log.tail();) {
    FELIX_TRY(const auto batches, log.read(next, 4096));
    if (batches.empty()) return fail(Errc::internal, "a read below the tail gave nothing");
    for (const storage::StoredBatch& batch : batches) {
      if (batch.base_offset != next) return fail(Errc::internal, "a gap at " + std::to_string(next));
      for (const Bytes record : batch.run) {
        const auto expected = record_at(next, record.size());
        if (!std::ranges::equal(record, expected))
          return fail(Errc::internal, "record " + std::to_string(next) + " is another");
        ++next;
        ++records;
      }
    }
  }
  return records;
}

}  // namespace felix::test
