#pragma once
// Where in a segment to begin to look for an offset or a time: one batch in every 64 KiB. Derived from the
// batches and never trusted: whoever follows it checks the batch it finds.

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "storage/segment_format.h"

namespace felix::storage {

inline constexpr std::uint32_t kIndexSpacingBytes = 64 << 10;

class SparseIndex {
 public:
  SparseIndex() = default;
  explicit SparseIndex(std::vector<IndexEntry> entries) : entries_(std::move(entries)) {}

  // Batches in the order they stand in.
  void add(const BatchHeader& header, std::uint32_t position) {
    last_time_us_ = std::max(last_time_us_, header.appended_at_us);
    if (!entries_.empty() && position - entries_.back().position < kIndexSpacingBytes) return;
    entries_.push_back({header.base_offset, last_time_us_, position});
  }
  // The last entry at or below an offset; the segment's beginning when there is none.
  IndexEntry at_or_below(Offset offset, const SegmentHeader& segment) const {
    const auto after =
        std::upper_bound(entries_.begin(), entries_.end(), offset,
                         [](Offset wanted, const IndexEntry& entry) { return wanted < entry.base_offset; });
    if (after == entries_.begin()) return {segment.base_offset, 0, kHeaderPageBytes};
    return *(after - 1);
  }
  // Behind it lies the first batch of a time not before `at_us`.
  IndexEntry before_time(std::int64_t at_us, const SegmentHeader& segment) const {
    const auto after = std::lower_bound(
        entries_.begin(), entries_.end(), at_us,
        [](const IndexEntry& entry, std::int64_t wanted) { return entry.appended_at_us < wanted; });
    if (after == entries_.begin()) return {segment.base_offset, 0, kHeaderPageBytes};
    return *(after - 1);
  }

  std::span<const IndexEntry> entries() const { return entries_; }
  std::size_t footprint_bytes() const { return entries_.capacity() * sizeof(IndexEntry); }

 private:
  std::vector<IndexEntry> entries_;
  std::int64_t last_time_us_ = 0;
};

}  // namespace felix::storage
