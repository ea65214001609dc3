#pragma once
// Walks the batches of one segment and believes nothing: each header, body and offset is checked before the
// next is looked at. Blocking; one thread.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "io/disk.h"
#include "storage/segment_format.h"

namespace felix::storage {

class BatchScan {
 public:
  struct Found {
    BatchHeader header;
    std::uint32_t position = 0;
    Bytes extension;  // views until the next call
    Bytes records;
  };
  // Why there is no further batch.
  enum class Stop : std::uint8_t {
    end,         // the end that was given, or of the file, exactly
    blank,       // zeros where a header would be
    cut_off,     // the file ends inside a batch
    bad_header,  // bytes that are no header, or whose checksum does not hold
    bad_body,    // the header holds, extension or records do not
    bad_place,   // a whole batch that does not follow the one before it: offset or generation
  };

  static constexpr std::size_t kWindowBytes = std::size_t{512} << 10;

  // From `position`, where the record `next_offset` is expected, to `end` (exclusive); the disk is asked for
  // `window_bytes` at a time, or for one batch where that is more.
  BatchScan(io::DiskFile& file, std::uint64_t seed, std::uint32_t position, Offset next_offset,
            std::uint64_t end, std::size_t window_bytes = kWindowBytes);

  // The next batch; nullopt at a stop(). An error is the disk's.
  Result<std::optional<Found>> next();

  // Where the next batch begins, or would: behind the last one found.
  std::uint64_t position() const { return position_; }
  Offset next_offset() const { return next_offset_; }
  Stop stop() const { return stop_; }

 private:
  // A view of at least `bytes` bytes from position_ on, fewer only at the end.
  Result<Bytes> window(std::uint64_t bytes);
  std::optional<Found> stopped(Stop why);

  io::DiskFile& file_;
  std::uint64_t seed_;
  std::uint64_t position_;
  Offset next_offset_;
  std::uint64_t end_;
  std::size_t window_bytes_;
  std::uint64_t generation_ = 0;
  Stop stop_ = Stop::end;
  std::vector<std::byte> buffer_;
  std::uint64_t buffer_at_ = 0;  // position of its first byte
  std::size_t buffered_ = 0;
};

// Whether all bytes are zero.
bool is_blank(Bytes bytes);

}  // namespace felix::storage
