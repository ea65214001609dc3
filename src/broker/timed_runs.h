#pragma once
// The second form of a run, with a time in front of each record, for readers that asked for times: built when
// the first of them needs it, shared by those that follow in the same turn, unknown to all others.

#include <array>
#include <cstdint>

#include "flow/frame.h"
#include "wire/event_prefix.h"
#include "wire/record_run.h"

namespace felix::broker {

class TimedRuns {
 public:
  flow::Slice of(const wire::RecordRun& run, std::int64_t appended_at_us) {
    for (Entry& entry : entries_) {
      if (entry.source.slice().bytes().data() == run.slice().bytes().data() &&
          entry.source.count() == run.count())
        return entry.timed;
    }
    Entry& oldest = entries_[next_++ % entries_.size()];
    oldest = Entry{run, wire::timed_run(run, static_cast<std::uint64_t>(appended_at_us))};
    return oldest.timed;
  }
  // At the end of a turn: what was shared is on its way.
  void clear() {
    if (next_ == 0) return;
    entries_.fill({});
    next_ = 0;
  }

 private:
  struct Entry {
    wire::RecordRun source;  // keeps the bytes alive, so their address stands for them
    flow::Slice timed;
  };
  std::array<Entry, 16> entries_{};
  std::size_t next_ = 0;
};

}  // namespace felix::broker
