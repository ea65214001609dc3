#pragma once
// A segment that is complete: header, seal and name are known, its batches are looked at when they are read.
// Blocking; one thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "io/disk.h"
#include "storage/active_segment.h"
#include "storage/segment_format.h"
#include "storage/segment_read.h"
#include "storage/sparse_index.h"

namespace felix::storage {

class SealedSegment {
 public:
  SealedSegment(std::string path, const SegmentHeader& header, const Seal& seal, std::uint64_t file_bytes)
      : path_(std::move(path)), header_(header), seal_(seal), file_bytes_(file_bytes) {}

  // The seal at the end of a file, if there is one that fits the segment.
  static Result<std::optional<Seal>> find_seal(io::DiskFile& file, const SegmentHeader& header,
                                               std::uint64_t file_bytes);

  // To read it: the file is opened and the index read, or made from the batches where it does not hold.
  Result<SegmentView> view(io::Disk& disk);
  // Writes a compressed copy beside the file and puts it in its place, both synced. A copy that cannot be
  // finished, or would not be smaller by a tenth, leaves nothing behind and the segment as it is; the second
  // is no error. `level` is zstd's, 1 to 19.
  Status compress(io::Disk& disk, const std::string& directory, int level);

  // Lets go of what view() opened, and ends the views.
  void close() { opened_.reset(); }

  const std::string& path() const { return path_; }
  const SegmentHeader& header() const { return header_; }
  const Seal& seal() const { return seal_; }
  Offset base_offset() const { return header_.base_offset; }
  Offset end_offset() const { return seal_.end_offset; }
  std::uint64_t file_bytes() const { return file_bytes_; }

 private:
  struct Opened {
    std::shared_ptr<io::DiskFile> file;
    SparseIndex index;
  };
  struct Copy {
    SegmentHeader header;
    Seal seal;
    std::uint64_t file_bytes = 0;
  };
  SegmentView view_of(const Opened& opened) const;
  Result<Copy> write_copy(io::Disk& disk, const std::string& path, int level);

  std::string path_;
  SegmentHeader header_;
  Seal seal_;
  std::uint64_t file_bytes_;
  std::unique_ptr<Opened> opened_;
};

// Of a copy that was not finished: recovery removes it.
std::string copy_name(Offset base_offset);
bool is_copy_name(std::string_view name);

}  // namespace felix::storage
