#pragma once
// The log of an in-memory stream: the newest records, numbered from 0 without a hole. It is contiguous up to
// its tail or empty; what it no longer holds is "too old", never silently missing.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/ring.h"
#include "flow/budget.h"
#include "storage/log_batch.h"
#include "wire/provenance.h"
#include "wire/record_run.h"

namespace felix::storage {

struct RingBounds {
  std::size_t records = 1024;
  std::size_t bytes = std::size_t{64} << 20;  // of the frames kept alive, not only of the records in them
};

class RingLog {
 public:
  // Every frame kept is charged to `retained`, which must outlive the log. When that account is over its
  // limit, this log gives up its oldest batches too.
  RingLog(RingBounds bounds, flow::Budget& retained) : bounds_(bounds), retained_(&retained) {}

  // Takes a run of at least one record and returns the offset of its first; evicts the oldest beyond the
  // bounds. A run of more records than the ring holds still gets its offsets; its newest records stay.
  Offset append(wire::RecordRun run, wire::Provenance provenance);

  // Readable are [oldest(), tail()); equal when empty.
  Offset oldest() const { return oldest_; }
  Offset tail() const { return tail_; }
  // Bytes kept alive.
  std::size_t bytes() const { return bytes_; }

  // Batches from exactly `from` up to the tail (none when from == tail()). Errc::too_old or Errc::in_future
  // for a cursor outside.
  Result<std::vector<LogBatch>> read(Offset from) const;

 private:
  struct Entry {
    LogBatch batch;
    flow::Charge charge;

    Offset end_offset() const { return batch.base_offset + batch.run.count(); }
  };
  void evict_front();

  RingBounds bounds_;
  flow::Budget* retained_;
  Ring<Entry> entries_;
  Offset oldest_ = 0;
  Offset tail_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace felix::storage
