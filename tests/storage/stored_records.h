#pragma once
// Records a test knows again: each holds its offset, and its length and filling follow from that.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "storage/log_batch.h"
#include "storage/segment_log.h"

namespace felix::test {

inline constexpr std::uint64_t kLogId = 0x1234;
inline const std::string kDirectory = "/data/log";  // on a virtual disk
inline constexpr std::int64_t kTimeUs = 1'700'000'000'000'000;

// A batch of records [base, base + count), of `generation`, appended at kTimeUs + base microseconds.
storage::StoredBatch batch_at(Offset base, std::uint32_t count, std::size_t record_bytes = 24,
                              std::uint64_t generation = 1);
// The bytes of the record at an offset in such a batch.
std::vector<std::byte> record_at(Offset offset, std::size_t record_bytes = 24);

// Appends a batch_at() the tail.
Status append(storage::SegmentLog& log, std::uint32_t count = 4, std::size_t record_bytes = 60);

// All that a log does when there is time.
Status tidy(storage::SegmentLog& log);

// Reads a log from its oldest record to its tail and checks what a record says of its offset. How many there
// are, or the error that ended it.
Result<std::uint64_t> read_all(storage::SegmentLog& log, std::optional<Offset> from = std::nullopt);

}  // namespace felix::test
