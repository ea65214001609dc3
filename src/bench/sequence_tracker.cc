#include "bench/sequence_tracker.h"

#include <algorithm>

namespace felix::bench {

SequenceTracker::Arrival SequenceTracker::take_out_of_line(std::uint64_t sequence) {
  if (sequence > next_) {
    gaps_.emplace(next_, sequence);
    next_ = sequence + 1;
    ++unique_;
    return Arrival::in_order;
  }
  auto gap = gaps_.upper_bound(sequence);
  if (gap == gaps_.begin() || (--gap)->second <= sequence) {
    ++duplicated_;
    return Arrival::duplicated;
  }
  const auto [first, end] = *gap;
  gaps_.erase(gap);
  if (first < sequence) gaps_.emplace(first, sequence);
  if (sequence + 1 < end) gaps_.emplace(sequence + 1, end);
  ++unique_;
  ++reordered_;
  return Arrival::reordered;
}

std::uint64_t SequenceTracker::lost(std::uint64_t published) const {
  std::uint64_t lost = published > next_ ? published - next_ : 0;
  for (const auto& [first, end] : gaps_) {
    if (first >= published) break;
    lost += std::min(end, published) - first;
  }
  return lost;
}

}  // namespace felix::bench
