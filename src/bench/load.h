#pragma once
// What publishers and subscribers of one run are to do.

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "bench/placement.h"
#include "client/publish.h"
#include "client/subscriber.h"

namespace felix::bench {

enum class Pace : std::uint8_t {
  open,    // at `rate`, whatever the broker does
  closed,  // each publisher keeps `in_flight` publishes unanswered
  flood,   // as fast as records are delivered: at most `in_flight` records undelivered
};

struct Load {
  std::string stream = "felix-bench";
  Pace pace = Pace::open;
  std::uint64_t payload_bytes = 256;  // of a record, >= kStampBytes
  std::uint64_t batch = 1;
  std::uint64_t fanout = 1;
  std::uint64_t publishers = 1;
  std::uint64_t rate = 1000;
  std::uint64_t in_flight = 1;  // see Pace
  client::AckMode ack = client::AckMode::per_batch;
  bool json = false;  // publish as before binary publishes were agreed
  Duration warmup = std::chrono::seconds(1);
  Duration duration = std::chrono::seconds(10);
  std::uint64_t records = 0;  // end after so many measured ones; 0: at the end of `duration`
  std::uint64_t seed = 0;
  bool processes = false;
  Placement placement;
  bool relay = false;                           // open loop: take the raw relay just before
  std::optional<std::uint32_t> queue_capacity;  // asked of the broker
};

}  // namespace felix::bench
