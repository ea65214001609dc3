#pragma once
// Binary publish batches (wire protocol sections 7.1 and 7.2).

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/ids.h"
#include "flow/frame.h"
#include "wire/publish_messages.h"
#include "wire/record_run.h"

namespace felix::wire {

inline constexpr std::size_t kMaxNameBytes = 65535;

// Deduplication mark of an idempotent batch (kBinaryPublishIdempotent); never set unless that bit is
// accepted.
struct ProducerMark {
  std::uint64_t producer_id = 0;
  std::uint64_t sequence = 0;

  bool operator==(const ProducerMark&) const = default;
};

// The views are into the payload it was parsed from (or, when encoding, into the caller's memory).
struct BinaryPublish {
  std::optional<RequestId> request_id;  // present exactly when an ack is owed
  AckMode ack = AckMode::none;
  std::optional<ProducerMark> producer;
  std::optional<Bytes> key;
  std::string_view tenant_id;
  std::string_view namespace_id;
  std::string_view stream;
  RecordRun records;  // shares the payload's Frame
};

// Why a batch was refused, and whether its sender can be told (section 8.1): with a `request_id`, by a binary
// ack error with kMalformedPublishText, and the stream goes on; without, by ending the stream.
struct BinaryPublishFault {
  std::optional<RequestId> request_id;
  Error error;
};
inline constexpr std::string_view kMalformedPublishText = "malformed publish batch";

// `flags` passed check_flags as FrameKind::publish_batch. Zero-copy.
std::expected<BinaryPublish, BinaryPublishFault> parse_publish_batch(std::uint16_t flags,
                                                                     const flow::Slice& payload);

// The flags that say which optional fields of `publish` are present.
std::uint16_t publish_flags(const BinaryPublish& publish);

// Appends header and everything in front of the records; `publish.records.slice()` follows on the wire by
// reference. Refuses (too_large) names or keys over 65535 bytes and payloads that do not fit a u32; `out` is
// then untouched.
Status append_publish_head(std::vector<std::byte>& out, const BinaryPublish& publish);

}  // namespace felix::wire
