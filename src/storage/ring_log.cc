#include "storage/ring_log.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/contract.h"

namespace felix::storage {

Offset RingLog::append(wire::RecordRun run, wire::Provenance provenance) {
  FELIX_ASSERT(!run.empty());
  const Offset base = tail_;
  tail_ += run.count();
  // Never more than the ring holds, so that a large run does not keep what cannot be read.
  if (run.count() > bounds_.records)
    run = run.sub_run(static_cast<std::uint32_t>(run.count() - bounds_.records),
                      static_cast<std::uint32_t>(bounds_.records));
  if (!run.empty()) {
    const std::size_t bytes = run.footprint_bytes();
    const Offset kept_from = tail_ - run.count();
    bytes_ += bytes;
    entries_.push_back({{kept_from, std::move(run), std::move(provenance)}, retained_->charge(bytes)});
  }
  const auto over = [&] {
    return bytes_ > bounds_.bytes || retained_->used_bytes() > retained_->limit_bytes() ||
           entries_.front().end_offset() + bounds_.records <= tail_;
  };
  while (!entries_.empty() && over()) evict_front();
  // The oldest batch may be readable in part: the bound on records is exact.
  const Offset held_from = entries_.empty() ? tail_ : entries_.front().batch.base_offset;
  oldest_ = std::max(held_from, tail_ - std::min<Offset>(tail_, bounds_.records));
  return base;
}

Result<std::vector<LogBatch>> RingLog::read(Offset from) const {
  if (from < oldest_)
    return fail(Errc::too_old, "offset " + std::to_string(from) +
                                   " is no longer kept; the oldest record is " + std::to_string(oldest_));
  if (from > tail_)
    return fail(Errc::in_future,
                "offset " + std::to_string(from) + " is above the tail " + std::to_string(tail_));
  std::vector<LogBatch> batches;
  // Batches are in offset order: search for the first that reaches beyond `from`.
  std::size_t first = 0;
  for (std::size_t end = entries_.size(); first < end;) {
    const std::size_t middle = first + (end - first) / 2;
    if (entries_[middle].end_offset() <= from) {
      first = middle + 1;
    } else {
      end = middle;
    }
  }
  batches.reserve(entries_.size() - first);
  for (std::size_t i = first; i < entries_.size(); ++i) {
    LogBatch batch = entries_[i].batch;
    if (batch.base_offset < from) {
      const auto skipped = static_cast<std::uint32_t>(from - batch.base_offset);
      batch.run = batch.run.sub_run(skipped, batch.run.count() - skipped);
      batch.base_offset = from;
    }
    batches.push_back(std::move(batch));
  }
  return batches;
}

void RingLog::evict_front() { bytes_ -= entries_.pop_front().charge.bytes(); }

}  // namespace felix::storage
