#pragma once
// Records appended together, as logs take and give them.

#include <cstdint>
#include <optional>

#include "base/ids.h"
#include "storage/segment_format.h"
#include "wire/provenance.h"
#include "wire/record_run.h"

namespace felix::storage {

struct LogBatch {
  Offset base_offset = 0;
  wire::RecordRun run;  // at least one record
  wire::Provenance provenance;

  Offset end_offset() const { return base_offset + run.count(); }
};

// With what only a log on disk keeps.
struct StoredBatch : LogBatch {
  std::uint64_t generation = 0;          // of the leader that appended it; never falls
  std::optional<ProducerMark> producer;  // of publishers that number their batches
};

}  // namespace felix::storage
