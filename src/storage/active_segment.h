#pragma once
// The segment that is written: batches go behind one another, all of a call or none. Blocking; one thread.
//
// Between two syncs nothing is known of the device. A failed sync is final, and so is a write that could not
// be taken back: from then on every call fails (storage), until the log is opened anew.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "io/disk.h"
#include "storage/log_batch.h"
#include "storage/segment_format.h"
#include "storage/sparse_index.h"

namespace felix::storage {

// What everything behind a final failure is answered.
Error final_failure(const Error& cause);

class ActiveSegment {
 public:
  // Where an opened one stands.
  struct State {
    std::uint32_t position = kHeaderPageBytes;  // behind its last batch
    Offset end_offset = 0;
    std::uint64_t generation = 0;
    SparseIndex index;
    std::int64_t last_time_us = INT64_MIN;
    Promise promised;  // in the header page
  };

  // Makes the file in `directory`, which must exist, and syncs both. After an error there may be a file
  // without a header, which recovery knows.
  static Result<ActiveSegment> create(io::Disk& disk, const std::string& directory,
                                      const SegmentHeader& header);
  // One that recovery has examined, with everything in front of `state.position` on the device.
  ActiveSegment(std::shared_ptr<io::DiskFile> file, std::string path, const SegmentHeader& header,
                State state);

  // Writes batches, the first at end_offset() and each at the end of the one before. overloaded when there is
  // no room: then nothing was appended, and a later call may succeed.
  Status append(std::span<const StoredBatch> batches);
  // Everything appended is on the device when this succeeds.
  Status sync();
  // Writes down in the header page what is synced, so that a restart need not guess, and syncs that.
  Status promise();
  // Zeros the next stretch behind the data, so that a sync need not change the file's size; as much again as
  // was written so far, up to 1 MiB. Without room nothing happens.
  Status reserve_ahead();
  // Writes index and seal behind the data, cuts the file there and syncs. Nothing can be appended afterwards.
  Status seal();

  // Bytes `batches` will take.
  static std::uint64_t extent_bytes(std::span<const StoredBatch> batches);

  const SegmentHeader& header() const { return header_; }
  const std::string& path() const { return path_; }
  const std::shared_ptr<io::DiskFile>& file() const { return file_; }
  std::uint64_t checksum_seed() const { return seed_; }
  const SparseIndex& index() const { return state_.index; }
  std::uint32_t position() const { return state_.position; }
  Offset end_offset() const { return state_.end_offset; }
  bool empty() const { return state_.end_offset == header_.base_offset; }
  std::int64_t last_time_us() const { return state_.last_time_us; }
  // Everything in front of it is on the device.
  const Promise& synced() const { return synced_; }
  bool has_unsynced() const { return synced_.position < state_.position; }
  bool needs_promise() const { return promised_ != synced_; }
  // The error that ended it, or null.
  const Error* failed() const { return failed_ ? &*failed_ : nullptr; }

 private:
  std::unexpected<Error> poison(const Error& error);
  // Takes back what a failed write may have left.
  std::unexpected<Error> take_back(Error error);
  Status check() const;

  std::shared_ptr<io::DiskFile> file_;  // readers may hold it longer than this object lives
  std::string path_;
  SegmentHeader header_;
  std::uint64_t seed_;
  State state_;
  Promise synced_;
  Promise promised_;
  std::uint64_t file_end_;  // zeroed, or written, up to here
  std::size_t next_promise_ = 0;
  std::optional<Error> failed_;
  // Kept between calls.
  std::vector<std::array<std::byte, kBatchHeaderBytes>> heads_;
  std::vector<std::string> extensions_;
  std::vector<Bytes> parts_;
};

// "00000000000000001234.segment", and back; nothing for another name.
std::string segment_name(Offset base_offset);
std::optional<Offset> parse_segment_name(std::string_view name);

}  // namespace felix::storage
