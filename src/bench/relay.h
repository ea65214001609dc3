#pragma once
// The raw UDP relay: what a broker of this machine would be if it did nothing. A publisher paced by sleeping
// sends datagrams to a relay in a process of its own, as a broker is, which sends each on to a subscriber.
// Latency is only worth comparing with it when both were taken side by side, in the same placement.

#include <cstdint>
#include <functional>

#include "base/error.h"
#include "base/time.h"
#include "bench/placement.h"
#include "bench/result.h"

namespace felix::bench {

// A datagram holds no more.
inline constexpr std::uint64_t kMaxRelayPayload = 60'000;

struct RelayLoad {
  std::uint64_t payload_bytes = 256;  // 16 to kMaxRelayPayload
  std::uint64_t rate = 1000;          // datagrams a second, > 0
  Duration warmup{};                  // not counted
  Duration duration = std::chrono::seconds(1);
  Placement placement;
  bool processes = false;  // publisher and subscriber too, as --processes has it; otherwise threads
};

// From the sending of each datagram to its arrival. Blocks until it is done; `go_on`, when there is one, is
// called over and over meanwhile, should take its time, and ends the relay by returning false (interrupted).
// unavailable: no sockets or no process; timed_out: nothing arrived.
Result<LatencySummary> run_relay(const RelayLoad& load, const std::function<bool()>& go_on);

}  // namespace felix::bench
