#pragma once
// What one client of a run has to tell afterwards. Of what is counted, the warm-up is left
// out unless it says otherwise.

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "telemetry/histogram.h"

namespace felix::bench {

struct PublisherOutcome {
  std::optional<Error> error;  // it could not do its work
  std::string cipher;          // of its connection; empty when it had none
  std::uint64_t published = 0;
  std::uint64_t acked = 0;
  std::uint64_t failed = 0;
  std::optional<Error> first_failure;
  std::uint64_t last_sent_ns = 0;
  double cpu_s = 0;
  telemetry::Histogram ack_ns;
  telemetry::Histogram late_ns;  // behind the schedule when a publish was handed in
};

struct SubscriberOutcome {
  std::optional<Error> error;
  std::uint64_t received = 0;  // different records
  // The next four count the warm-up too.
  std::uint64_t lost = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t reordered = 0;
  std::uint64_t dropped = 0;
  std::uint64_t foreign = 0;  // records of others on the same stream
  std::uint64_t last_received_ns = 0;
  double cpu_s = 0;
  telemetry::Histogram intended_ns;  // since the record was due
  telemetry::Histogram sent_ns;      // since it was sent
};

// Of a client of a cache, or one that makes connections.
struct RequestOutcome {
  std::optional<Error> error;
  std::string cipher;
  std::uint64_t failed = 0;
  std::optional<Error> first_failure;
  std::uint64_t last_ns = 0;
  double cpu_s = 0;
  telemetry::Histogram latency_ns;
};

}  // namespace felix::bench
