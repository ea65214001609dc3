#pragma once
// Binary publish acks (wire protocol section 7.3).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/ids.h"
#include "wire/error_info.h"

namespace felix::wire {

inline constexpr std::size_t kMaxAckMessageBytes = 512;

// Who took a forwarded batch.
struct AckOwner {
  std::string node_id;
  std::string addr;  // empty: unknown
  std::uint64_t generation = 0;

  bool operator==(const AckOwner&) const = default;
};

struct PublishAck {
  RequestId request_id;
  bool ok = true;
  std::string message;            // empty on success
  std::optional<ErrorInfo> info;  // of a refusal
  std::optional<AckOwner> owner;
  std::optional<Offset> offset;  // of the first record, on success

  bool operator==(const PublishAck&) const = default;
};

// `flags` passed check_flags as FrameKind::publish_ack. Malformed otherwise than laid out there.
Result<PublishAck> parse_publish_ack(std::uint16_t flags, Bytes payload);

// Appends a complete frame with the optional fields that `peer_flags` allows; the message is cut to 512 bytes
// at a character boundary.
void append_publish_ack(std::vector<std::byte>& out, const PublishAck& ack, std::uint16_t peer_flags);

}  // namespace felix::wire
