#pragma once
// What reactors ask of each other, and of themselves: every stream and cache has one home reactor, which
// alone touches it. A command for the own reactor is a call, for another one a mailbox message.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "flow/frame.h"
#include "io/address.h"
#include "streams/delivery.h"
#include "streams/stream.h"
#include "wire/record_run.h"
#include "wire/subscribe_messages.h"

namespace felix::broker {

// One shard of one incarnation of a stream: names can be reused, this cannot.
struct ShardId {
  std::uint64_t incarnation = 0;
  std::uint32_t shard = 0;
  bool operator==(const ShardId&) const = default;
};

// The answer slot of a request: where its outcome belongs.
struct Origin {
  std::uint32_t reactor = 0;
  std::uint64_t session = 0;
  std::int64_t channel = 0;
  std::uint64_t slot = 0;
};

struct PublishCommand {
  Origin origin;
  ShardId shard;
  wire::RecordRun records;
  std::shared_ptr<const std::string> publisher;
};
struct JoinCommand {
  Origin origin;
  ShardId shard;
  wire::Start start;
};
// A reader of `reactor` is gone.
struct LeaveCommand {
  std::uint32_t reactor = 0;
  ShardId shard;
};
// A reader of `reactor` with policy `block` became full, or has room again.
struct BlockCommand {
  ShardId shard;
  bool blocked = false;
};
enum class CacheOperation : std::uint8_t { get, put, erase };
struct CacheCommand {
  Origin origin;
  CacheOperation operation = CacheOperation::get;
  std::uint64_t cache = 0;  // incarnation
  std::string key;
  flow::Slice value;
  std::optional<Duration> ttl;
};

struct PublishOutcome {
  Offset base_offset = 0;
};
struct JoinOutcome {
  ShardId shard;
  streams::Joined joined;
};
struct CacheOutcome {
  std::optional<flow::Slice> value;
  std::uint64_t version = 0;
};
using Outcome = std::variant<PublishOutcome, JoinOutcome, wire::SubscribeCursorError, CacheOutcome>;

struct OutcomeMessage {
  Origin origin;
  Result<Outcome> outcome;
};
// To a reactor with readers of the shard, in log order.
struct DeliverMessage {
  ShardId shard;
  streams::Delivery delivery;
};
// A packet the kernel gave to the wrong reactor.
struct ForeignPacket {
  std::vector<std::byte> bytes;
  io::Address from;
};

using ReactorMessage = std::variant<std::monostate, PublishCommand, JoinCommand, LeaveCommand, BlockCommand,
                                    CacheCommand, OutcomeMessage, DeliverMessage, ForeignPacket>;

}  // namespace felix::broker

template <>
struct std::hash<felix::broker::ShardId> {
  std::size_t operator()(const felix::broker::ShardId& id) const noexcept {
    return std::hash<std::uint64_t>{}(id.incarnation * 0x9e3779b97f4a7c15 + id.shard);
  }
};
