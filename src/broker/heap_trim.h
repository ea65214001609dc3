#pragma once
// Gives memory back to the system when the crowd that needed it has gone. The allocator keeps what was freed
// between blocks that live on; asking it to look for whole pages locks each arena for milliseconds, so that
// is done only when next to nobody is there to notice, and only for an amount worth it.

#include <cstdint>
#include <functional>

#include "io/loop.h"
#include "io/timers.h"

namespace felix::broker {

// The decision alone, without clock or allocator. Looked at once a second.
class TrimDecision {
 public:
  // So many datagrams since the last look are somebody's traffic. `datagrams`: received since the start.
  bool quiet(std::uint64_t datagrams);
  // What is resident and not in use is 8 MiB, and a quarter of what is in use, above what the last trim left.
  bool worth(std::uint64_t allocated_bytes, std::uint64_t resident_bytes);
  void note_trimmed(std::uint64_t allocated_bytes, std::uint64_t resident_bytes);

 private:
  std::uint64_t datagrams_ = 0;
  std::uint64_t left_bytes_ = 0;
};

// Of a process. Lives on the thread of `loop`.
class HeapTrim {
 public:
  // `datagrams` is asked on that thread.
  HeapTrim(io::Loop& loop, std::function<std::uint64_t()> datagrams);

 private:
  void look();

  io::Loop& loop_;
  const std::function<std::uint64_t()> datagrams_;
  TrimDecision decision_;
  io::Timer timer_;
};

}  // namespace felix::broker
