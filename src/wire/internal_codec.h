#pragma once
// Payloads of frames between brokers (wire protocol section 11), those that carry the protocol's shapes: a
// bare correlation id, a text, a shard, a batch. The frame's header says kInternalMagic and, where flags are,
// the kind.

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "flow/frame.h"
#include "wire/record_run.h"

namespace felix::wire {

inline constexpr std::size_t kInternalMaxTextBytes = 512;
inline constexpr std::uint32_t kInternalMaxRecords = 65536;

enum class InternalKind : std::uint16_t {
  forward_publish = 1,
  hello = 5,
  hello_ok = 6,
  replicate_records = 7,
  ping = 38,
  pong = 39,
};

struct ShardRef {
  std::string_view tenant_id;
  std::string_view namespace_id;
  std::string_view stream;
  std::uint32_t shard = 0;
  std::uint64_t generation = 0;
};

// When the owner answers a forwarded publish.
enum class ForwardAck : std::uint8_t { none = 0, on_accept = 1, on_commit = 2 };

struct ForwardPublish {
  ShardRef shard;
  ForwardAck ack = ForwardAck::none;
  RecordRun records;
};
struct ReplicateRecords {
  ShardRef shard;
  std::uint64_t first_offset = 0;
  std::uint64_t checksum = 0;  // as sent: whoever stores the records compares
  RecordRun records;
};
// hello and hello_ok.
struct InternalHello {
  std::string_view node_id;
};
// ping and pong.
struct InternalPing {};
// A kind this build does not serve: the stream goes on behind an UnsupportedKind answer.
struct UnknownInternal {};

struct InternalMessage {
  std::uint16_t kind = 0;
  std::uint64_t correlation_id = 0;
  std::variant<UnknownInternal, InternalPing, InternalHello, ForwardPublish, ReplicateRecords> body;
};

// Texts are views into `payload`, records share its Frame. malformed: too short for its correlation id or
// what its kind has, a text over its limit or not UTF-8, an ack that does not exist, bytes after the last
// record; too_large: more records than a batch may have.
Result<InternalMessage> parse_internal(std::uint16_t kind, const flow::Slice& payload);
// A whole frame, for a message of a known kind within the limits above.
void append_internal_frame(std::vector<std::byte>& out, const InternalMessage& message);

}  // namespace felix::wire
