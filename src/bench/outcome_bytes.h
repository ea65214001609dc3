#pragma once
// Outcomes as bytes, for the way out of a process: between two processes of one run only, so in the machine's
// own byte order and without a version. Percentiles, count, least and largest value of a histogram survive;
// its mean within the width of a bucket. Pure.

#include <cstddef>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "bench/outcome.h"

namespace felix::bench {

void append_outcome(std::vector<std::byte>& out, const PublisherOutcome& outcome);
void append_outcome(std::vector<std::byte>& out, const SubscriberOutcome& outcome);
void append_outcome(std::vector<std::byte>& out, const RequestOutcome& outcome);

// Takes one from the front of `bytes`. Absent: cut short, as by a process that died.
std::optional<PublisherOutcome> take_publisher_outcome(Bytes& bytes);
std::optional<SubscriberOutcome> take_subscriber_outcome(Bytes& bytes);
std::optional<RequestOutcome> take_request_outcome(Bytes& bytes);

}  // namespace felix::bench
