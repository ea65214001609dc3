#pragma once
// What stands in front of the records when they are delivered (wire protocol section 7.4): the frame header
// and the optional fields, per reader, while the records are shared by all.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"
#include "flow/frame.h"
#include "wire/event_codec.h"
#include "wire/record_run.h"

namespace felix::wire {

struct EventPrefix {
  std::optional<SubscriptionId> subscription_id;  // set: kBinaryEventBatch; absent: kBinaryEventBatchShared
  std::optional<Offset> base_offset;              // set: kEventBatchOffsets
  std::optional<std::string_view> publisher;      // set: kEventBatchPublisher; at most kMaxPublisherBytes
  bool timestamps = false;                        // kEventBatchTimestamps: the body is of timed runs
  std::uint32_t count = 0;                        // records in the body
  std::size_t body_bytes = 0;                     // of the body, summed when runs are gathered
};

class EventHead {
 public:
  static constexpr std::size_t kMaxBytes = 12 + 8 + 8 + 1 + kMaxPublisherBytes + 4;
  Bytes bytes() const { return Bytes(bytes_.data(), size_); }
  std::size_t size() const { return size_; }

 private:
  friend EventHead encode_event_prefix(const EventPrefix& prefix);
  std::array<std::byte, kMaxBytes> bytes_;
  std::size_t size_ = 0;
};

// prefix + body must fit a u32 of payload.
EventHead encode_event_prefix(const EventPrefix& prefix);

inline constexpr std::size_t kTimestampBytes = 8;

// `run` with a time (microseconds since 1970) in front of each record, in a Frame of its own: the body of a
// batch with kEventBatchTimestamps. `run` must not be empty.
flow::Slice timed_run(const RecordRun& run, std::uint64_t time_us);

}  // namespace felix::wire
