#pragma once
// The single probes behind measure_floor(); for the floor's own files only. Each writes its values into
// `values` and returns an error when the machine refuses what it needs.

#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "bench/floor.h"

namespace felix::bench {

using FloorValues = std::map<std::string, double>;

// Sorts `nanos` and writes <name>_p50_ns and <name>_p99_ns; an error when there are none.
Status write_percentiles(FloorValues& values, const std::string& name, std::vector<double> nanos);

// Two blocking threads send one 64-byte datagram to and fro; on one CPU when `same_cpu`.
Status probe_ping_pong(const FloorOptions& options, bool same_cpu, FloorValues& values);
// run_relay(), with its options from the floor's.
Status probe_relay(const FloorOptions& options, FloorValues& values);

// One thread sends 1200-byte datagrams as fast as it can, another counts what arrives.
Status probe_send(const FloorOptions& options, FloorValues& values);
Status probe_sendmmsg(const FloorOptions& options, FloorValues& values);
Status probe_gso_gro(const FloorOptions& options, FloorValues& values);

Status probe_copy(FloorValues& values);
Status probe_seal(FloorValues& values);

// Appends of 1 KiB to a growing file, each followed by fdatasync.
Status probe_sync(const FloorOptions& options, FloorValues& values);

}  // namespace felix::bench
