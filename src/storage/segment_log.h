#pragma once
// The log of a durable stream's shard: records in files, numbered from 0 without a hole, in a directory of
// its own. Blocking; one thread, which is not a reactor's.
//
//   append   takes batches into files: they survive this process
//   sync     they survive the machine
//   read     from any offset kept
//
// What was cut off, refused or failed was never acknowledged: whoever acknowledges asks written() and
// synced(). Invariants: batches follow each other without a gap from oldest() to tail(). A failed sync is
// final; a full disk is not. Files go only from the old end, one after the other, so that what is left has no
// hole. The format: docs/LOG_FORMAT.md.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/time.h"
#include "io/disk.h"
#include "storage/active_segment.h"
#include "storage/log_batch.h"
#include "storage/recovery.h"
#include "storage/sealed_segment.h"

namespace felix::storage {

struct SegmentLogOptions {
  std::uint64_t log_id = 0;                                // of the stream's incarnation and its shard
  std::uint64_t segment_bytes = std::uint64_t{256} << 20;  // after which a new file begins; 64 KiB to 1 GiB
};

// What is kept at most; what is older goes, whole segments at a time.
struct RetentionBounds {
  std::optional<std::uint64_t> bytes;  // of all files
  std::optional<Duration> age;         // of a segment's newest record
};

class SegmentLog {
 public:
  // Opens the log in `directory` and makes both when there is none. What recovery did is in report().
  // corrupt, newer_version, or the disk's errors.
  static Result<SegmentLog> open(io::Disk& disk, const std::string& directory,
                                 const SegmentLogOptions& options);

  // Batches, the first at tail(), each at the end of the one before: all of them or none. `now_us` dates a
  // new file. overloaded when there is no room (nothing is lost, try again); storage when the log has failed.
  Status append(std::span<const StoredBatch> batches, std::int64_t now_us);
  // Nothing to do when nothing is unsynced. An error is final.
  Status sync();
  // Zeros space that is written next, when little is left of it: a sync then need not change the file's size.
  Status reserve_ahead();
  // Writes down what was synced, and syncs that; for a log that has been quiet for a while.
  Status promise();

  // Batches from exactly `from` on, of up to `max_bytes` or one; none at the tail. too_old or in_future for
  // an offset outside; corrupt where the log is damaged.
  Result<std::vector<StoredBatch>> read(Offset from, std::size_t max_bytes);
  // Of the first batch appended at or after `at_us` (microseconds since 1970); nothing when all are older.
  Result<std::optional<Offset>> offset_for_time(std::int64_t at_us);

  // Compresses the oldest sealed segment that is not, with zstd's `level`; false when there is none. A disk
  // that has no room for the copy is no error.
  Result<bool> compress_one(int level);
  // Removes segments beyond the bounds; how many.
  Result<std::uint64_t> retain(const RetentionBounds& bounds, std::int64_t now_us);
  // Removes every record there is; offsets go on.
  Status purge(std::int64_t now_us);

  Offset oldest() const;
  Offset tail() const { return tail_; }
  // Records below it are on the device.
  Offset synced() const { return active_ ? active_->synced().end_offset : tail_; }
  // Of all files.
  std::uint64_t file_bytes() const;
  std::uint64_t segments() const { return sealed_.size() + (active_ ? 1 : 0); }
  const RecoveryReport& report() const { return report_; }
  // Why nothing more can be written, or null.
  const Error* failed() const;

 private:
  SegmentLog(io::Disk& disk, std::string directory, const SegmentLogOptions& options)
      : disk_(&disk), directory_(std::move(directory)), options_(options) {}
  // Completes the active segment, if there is one.
  Status seal_active();
  Status begin_segment(std::int64_t now_us);
  Status remove_oldest();
  Status check() const;
  std::unexpected<Error> poison(const Error& error);
  // The segment that holds `offset`, which must be kept.
  Result<SegmentView> view_of(Offset offset);
  SegmentView active_view() const;

  io::Disk* disk_;
  std::string directory_;
  SegmentLogOptions options_;
  std::deque<SealedSegment> sealed_;
  std::optional<ActiveSegment> active_;
  Offset tail_ = 0;
  Offset compressed_to_ = 0;  // segments below it were tried
  RecoveryReport report_;
  std::optional<Error> failed_;
};

}  // namespace felix::storage
