#pragma once
// The deadlines of one Loop: a binary heap whose entries tell their timers where they are, so that arming,
// re-arming and disarming cost O(log n). Equal deadlines fire in the order they were armed.

#include <cstdint>
#include <vector>

#include "io/loop.h"

namespace felix::io {

struct Loop::Timers {
  // The earliest deadline, kNever when none is armed.
  MonoTime earliest() const { return heap_.empty() ? kNever : heap_.front().deadline; }
  bool empty() const { return heap_.empty(); }

  void set(Timer& timer, MonoTime deadline);
  // Fires what is due at `now`. A timer armed meanwhile, even into the past, waits for the next call.
  void fire_due(MonoTime now);
  // The timer is being destroyed.
  void forget(Timer& timer);

 private:
  struct Entry {
    MonoTime deadline;
    std::uint64_t armed_at;  // a count of armings, which orders equal deadlines
    Timer* timer;
    bool before(const Entry& other) const {
      return deadline != other.deadline ? deadline < other.deadline : armed_at < other.armed_at;
    }
  };
  void put(std::size_t index, Entry entry);
  void sift_up(std::size_t index, Entry entry);
  void sift_down(std::size_t index, Entry entry);
  void remove(std::size_t index);

  std::vector<Entry> heap_;
  std::vector<Timer*> due_;  // taken from the heap, not yet fired; nulled when re-armed or destroyed
  Timer* firing_ = nullptr;  // nulled when its own callback destroys it
  std::uint64_t armings_ = 0;
};

}  // namespace felix::io
