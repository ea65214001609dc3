#pragma once
// Reading one segment, sealed or not. What is returned was checked byte for byte.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "io/disk.h"
#include "storage/log_batch.h"
#include "storage/segment_format.h"
#include "storage/sparse_index.h"

namespace felix::storage {

// What a reader needs of a segment; valid until the segment grows, is closed or goes.
struct SegmentView {
  std::shared_ptr<io::DiskFile> file;
  std::string path;
  SegmentHeader header;
  Offset end_offset = 0;       // behind the last record to be read
  std::uint64_t data_end = 0;  // and its position
  const SparseIndex* index = nullptr;
};

// Batches from exactly `from`, which lies in the segment, until `max_bytes` of records are passed or the
// segment ends; at least one. corrupt, naming file, byte and offset, when it is damaged there.
Result<std::vector<StoredBatch>> read_batches(const SegmentView& segment, Offset from, std::size_t max_bytes);

// The first record of the first batch appended at or after `at_us`; nothing when there is none.
Result<std::optional<Offset>> first_at_or_after(const SegmentView& segment, std::int64_t at_us);

}  // namespace felix::storage
