#pragma once
// What a log's directory holds when it is opened: complete segments, perhaps one that was being written, and
// what a crash left of the last thing that was done. Recovery cuts off what was provably not finished and
// stops, with the file, the byte and the record, at anything else that is not as it was written.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "io/disk.h"
#include "storage/active_segment.h"
#include "storage/sealed_segment.h"

namespace felix::storage {

struct RecoveryReport {
  std::uint64_t segments = 0;
  std::uint64_t scanned_bytes = 0;    // of the segment that was not sealed
  std::uint64_t dropped_bytes = 0;    // cut off: never acknowledged
  std::uint64_t rewritten_bytes = 0;  // written again, since nobody had promised them
  std::uint64_t removed_files = 0;    // begun and never used
};

struct Recovered {
  std::vector<SealedSegment> sealed;    // in offset order, each beginning where the one before ends
  std::optional<ActiveSegment> active;  // behind them
  RecoveryReport report;
};

// Opens what lies in `directory`, which must exist. When this succeeds everything that is returned is on the
// device. corrupt, newer_version or the disk's error otherwise; nothing was changed that was not provably
// unfinished.
Result<Recovered> recover(io::Disk& disk, const std::string& directory, std::uint64_t log_id);

}  // namespace felix::storage
