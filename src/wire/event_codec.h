#pragma once
// Binary event batches as a client reads them (wire protocol section 7.4).

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/ids.h"
#include "flow/frame.h"
#include "wire/record_run.h"

namespace felix::wire {

inline constexpr std::size_t kMaxPublisherBytes = 255;

// `publisher` views into the payload it was parsed from.
struct EventBatch {
  std::optional<SubscriptionId> subscription_id;  // only in the per-subscription form
  std::optional<Offset> base_offset;              // record i has base_offset + i
  std::optional<std::uint64_t> skipped_before;    // offsets that were never records; needs base_offset
  std::optional<std::string_view> publisher;
  // When each record was appended, microseconds since 1970: as many as there are records, if it has them.
  bool has_timestamps = false;
  std::vector<std::uint64_t> timestamps_us;
  RecordRun records;  // shares the payload's Frame; with timestamps, in a Frame of its own
};

// `flags` passed check_flags as FrameKind::event_batch.
Result<EventBatch> parse_event_batch(std::uint16_t flags, const flow::Slice& payload);

std::uint16_t event_flags(const EventBatch& batch);

// Appends a complete frame, records included. A broker's delivery path uses encode_event_prefix instead.
// `publisher` must be at most kMaxPublisherBytes.
void append_event_batch(std::vector<std::byte>& out, const EventBatch& batch);

}  // namespace felix::wire
