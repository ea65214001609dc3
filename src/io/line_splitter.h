#pragma once
// Cuts a byte stream into records: for the records a shell pipes in. Pure; memory stays below one record and
// one appended chunk.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace felix::io {

enum class Framing : std::uint8_t {
  lines,             // ended by '\n', which is not part of the record; nothing else is special. A last line
                     // without '\n' is a record, and an empty line is an empty one.
  length_delimited,  // u32 big-endian length, then as many bytes
};

class LineSplitter {
 public:
  LineSplitter(Framing framing, std::size_t max_record_bytes)
      : framing_(framing), max_record_bytes_(max_record_bytes) {}

  // Copies `chunk` behind what is left of earlier ones.
  void append(Bytes chunk);
  // No more chunks: an unfinished record is now complete (lines) or an error (length-delimited).
  void finish() { finished_ = true; }

  // The next record, valid until append(); nullopt when it needs another chunk, or when all was handed out
  // after finish(). too_large and malformed name the record by its number (for lines: the line), and are
  // final.
  Result<std::optional<Bytes>> next();

  // Records handed out: the number of the last one.
  std::uint64_t records() const { return records_; }

 private:
  Result<std::optional<Bytes>> next_line();
  Result<std::optional<Bytes>> next_delimited();
  Bytes take(std::size_t record_bytes, std::size_t framing_bytes_before, std::size_t framing_bytes_after);
  std::unexpected<Error> too_large(std::size_t at_least_bytes) const;

  Framing framing_;
  std::size_t max_record_bytes_;
  std::vector<std::byte> buffer_;
  std::size_t head_ = 0;     // where the next record begins
  std::size_t scanned_ = 0;  // no '\n' between head_ and here
  std::uint64_t records_ = 0;
  bool finished_ = false;
};

}  // namespace felix::io
