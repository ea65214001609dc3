#pragma once
// Collects records into one publish: cut at a number of records or bytes, and by the caller whenever nothing
// else waits (a lone record never lingers).

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "wire/record_run.h"

namespace felix::client {

class RecordBatcher {
 public:
  // Both limits > 0. A record over `max_bytes` makes a batch of its own.
  RecordBatcher(std::uint32_t max_records, std::size_t max_bytes)
      : max_records_(max_records), max_bytes_(max_bytes) {}

  bool empty() const { return builder_.count() == 0; }
  std::uint32_t count() const { return builder_.count(); }
  std::size_t encoded_bytes() const { return builder_.encoded_bytes(); }

  // Adds one; returns the batch that was full before it, if it had to be cut to make room.
  std::optional<wire::RecordRun> add(Bytes record) {
    std::optional<wire::RecordRun> cut;
    const std::size_t needed = record.size() + wire::kRecordLengthBytes;
    if (!empty() && (count() >= max_records_ || needed > max_bytes_ - std::min(max_bytes_, encoded_bytes())))
      cut = take();
    builder_.append(record);
    return cut;
  }
  bool full() const { return count() >= max_records_ || encoded_bytes() >= max_bytes_; }
  // What was collected; empty when nothing was.
  wire::RecordRun take() { return empty() ? wire::RecordRun{} : builder_.finish(); }

 private:
  const std::uint32_t max_records_;
  const std::size_t max_bytes_;
  wire::RecordRunBuilder builder_;
};

}  // namespace felix::client
