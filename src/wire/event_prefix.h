#pragma once
// What stands in front of a RecordRun when it is delivered (wire protocol section 7.4): the frame header and
// the optional fields, carried by value in a queue entry while the run is shared.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/ids.h"
#include "flow/port.h"

namespace felix::wire {

struct EventPrefix {
  std::optional<SubscriptionId> subscription_id;  // set: kBinaryEventBatch; absent: kBinaryEventBatchShared
  std::optional<Offset> base_offset;              // set: kEventBatchOffsets
  std::uint32_t count = 0;                        // records in the body
  std::size_t body_bytes = 0;                     // RecordRun::encoded_bytes(), summed when runs are gathered
};

inline constexpr std::size_t kMaxEventPrefixBytes = 12 + 8 + 8 + 4;

// prefix + body must fit a u32 of payload.
flow::InlineBytes encode_event_prefix(const EventPrefix& prefix);

}  // namespace felix::wire
