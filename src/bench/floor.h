#pragma once
// The limits of this machine, taken in the same sitting as a run: what sockets, wake-ups, memory, encryption
// and the disk do without Felix between them. A result is worth as much as its ratio to these.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bench/placement.h"

namespace felix::bench {

struct FloorOptions {
  // A probe ends after this long. Kept below 1.4 s, so that with its set-up none takes 1.5 s.
  std::chrono::milliseconds probe_time{1000};
  Placement placement;               // of the relay
  std::uint64_t record_bytes = 256;  // of the relay's datagrams; 16 to kMaxRelayPayload
  std::uint64_t relay_per_second = 1000;
  std::string disk_directory;  // where fdatasync is tried; empty: not at all
  bool only_latency = false;   // relay and ping-pong only: what the latency shapes compare with
  bool relay = true;           // false: runs take it beside them
};

// What the probes found, by name with the unit last ("relay_p50_ns", "udp_gso_gro_mb_per_s"), as it goes
// into Run::floor. A probe that this machine refuses leaves no value but a line in `skipped`.
struct Floor {
  std::map<std::string, double> values;
  std::vector<std::string> skipped;
};

// Runs the probes one after the other; blocks for some seconds and starts threads of its own, all joined on
// return. `on_probe` is told the name of each before it starts. UDP on 127.0.0.1 only; the disk probe leaves
// no file behind.
Floor measure_floor(const FloorOptions& options, const std::function<void(std::string_view)>& on_probe = {});

// The names in the order of the probes, for tables; a Floor may lack some.
std::vector<std::string_view> floor_names();
// One sentence about a value of that name, for tables; empty for a name that is none of ours.
std::string_view floor_meaning(std::string_view name);

}  // namespace felix::bench
