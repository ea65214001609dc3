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
  SegmentView view_of(const Opened& opened) const;

  std::string path_;
  SegmentHeader header_;
  Seal seal_;
  std::uint64_t file_bytes_;
  std::unique_ptr<Opened> opened_;
};

}  // namespace felix::storage
