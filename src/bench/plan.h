#pragma once
// From what was asked for to the runs that answer it. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "bench/load.h"

namespace felix::bench {

enum class Shape : std::uint8_t { latency, throughput, fanout, cache, connect, sweep };
std::string_view to_string(Shape shape);

// Absent: the shape's default. Ranges are checked by make_loads() and the shapes.
struct Request {
  Shape shape = Shape::latency;
  std::optional<std::uint64_t> payload_bytes;
  std::optional<std::uint64_t> batch;
  std::optional<std::uint64_t> fanout;
  std::optional<std::uint64_t> publishers;
  std::optional<std::uint64_t> rate;
  std::optional<std::uint64_t> max_rate;  // sweep
  std::optional<std::uint64_t> in_flight;
  std::optional<std::uint64_t> records;
  std::optional<std::uint64_t> connections;  // connect: idle ones to weigh
  std::optional<std::uint64_t> queue_capacity;
  std::optional<Duration> duration;
  std::optional<Duration> warmup;
  std::optional<client::AckMode> ack;
  std::optional<bool> put;  // cache: puts or gets only
  std::string stream = "felix-bench";
  std::string cache = "felix-bench";
  std::uint64_t trials = 1;
  std::uint64_t seed = 1;
  bool closed = false;
  bool json = false;
  bool original = false;  // the shapes of the original's own harness
  bool allow_loss = false;
  bool processes = false;
  Placement placement;
  bool relay = false;  // as Load::relay
};

// The loads of latency, throughput and fanout, in the order they are run; of sweep one, whose rate is the
// first; of the others none. usage: a number that contradicts another or is out of range.
Result<std::vector<Load>> make_loads(const Request& request);

}  // namespace felix::bench
