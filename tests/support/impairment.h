#pragma once
// One direction of a bad network: what becomes of each datagram that is offered to it. Pure: the caller says
// what time it is, and the same seed and the same offers give the same fates.

#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"

namespace felix::test {

// Probabilities from 0 to 1. All may be changed at any time. What a datagram meets, in this order: the black
// holes, loss, the queue before the link, the way itself.
struct RelayFaults {
  bool blackhole = false;            // drops everything
  std::size_t largest_datagram = 0;  // larger ones vanish without a word; 0: any size passes
  double drop = 0;
  std::uint64_t drop_next = 0;  // so many datagrams in a row are lost, counted down
  // Losses in bursts (Gilbert's model): in the bad state everything is lost. Mean length: 1 / burst_end.
  double burst_begin = 0;
  double burst_end = 1;

  std::uint64_t bytes_per_second = 0;    // of the link; 0: no limit
  std::size_t queue_bytes = 256 * 1024;  // before a limited link; what does not fit is lost

  Duration delay{};
  Duration jitter{};           // up to so much more, order kept
  double reorder = 0;          // held back, so that later datagrams overtake:
  unsigned reorder_turns = 8;  // for 1 to so many turns of the caller
  Duration reorder_by{};       // and so much longer than the others
  unsigned delay_turns = 0;    // everything is held back so long
  double duplicate = 0;        // the copy goes first
  double corrupt = 0;          // one bit is flipped
};

struct RelayCounts {
  std::uint64_t forwarded = 0;
  std::uint64_t forwarded_bytes = 0;
  std::uint64_t dropped = 0;  // for any reason; of these:
  std::uint64_t too_large = 0;
  std::uint64_t in_bursts = 0;
  std::uint64_t queue_full = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t corrupted = 0;
  std::uint64_t reordered = 0;

  RelayCounts& operator+=(const RelayCounts& other);
};

class Impairment {
 public:
  explicit Impairment(std::uint64_t seed) : random_(seed) {}

  // When one copy arrives at the other end. Later turns count from the one it was offered in.
  struct Arrival {
    MonoTime at;
    unsigned turns_later = 0;
  };
  // The arrivals of a datagram, which may be changed; none when it is lost. Counts everything but forwarded.
  std::vector<Arrival> offer(MonoTime now, RelayFaults& faults, MutableBytes datagram, RelayCounts& counts);

 private:
  bool happens(double probability);
  bool lost(RelayFaults& faults, std::size_t size, RelayCounts& counts);
  // When the link has carried it; nothing when the queue is full.
  std::optional<MonoTime> through_link(MonoTime now, const RelayFaults& faults, std::size_t size);

  std::mt19937_64 random_;
  bool in_burst_ = false;
  MonoTime link_free_at_{};
  MonoTime last_arrival_{};
};

}  // namespace felix::test
