#pragma once
// Subscribing (wire protocol sections 6.2 and 8.2).

#include <cstdint>
#include <optional>
#include <string>

#include "base/ids.h"
#include "wire/record_run.h"

namespace felix::wire {

// Where a subscription begins.
struct Start {
  enum class At : std::uint8_t { latest, earliest, offset };
  At at = At::latest;
  Offset offset = 0;  // of the first record wanted, when `at` says so

  static Start latest() { return {}; }
  static Start earliest() { return {At::earliest, 0}; }
  static Start from(Offset offset) { return {At::offset, offset}; }
  bool operator==(const Start&) const = default;
};

struct Subscribe {
  std::string tenant_id;
  std::string namespace_id;
  std::string stream;
  std::optional<SubscriptionId> subscription_id;
  std::optional<Start> start;  // absent: latest
  std::optional<std::uint32_t> shard;
  std::optional<std::uint32_t> queue_capacity;

  bool operator==(const Subscribe&) const = default;
};

struct Subscribed {
  SubscriptionId subscription_id;
  std::optional<Offset> start_offset;
  std::optional<Offset> live_offset;
  std::optional<std::uint32_t> queue_capacity;

  bool operator==(const Subscribed&) const = default;
};

struct SubscribeCursorError {
  enum class Reason : std::uint8_t { too_old, in_future };
  Reason reason = Reason::too_old;
  Offset requested = 0;
  Offset available = 0;  // oldest kept, or the tail

  bool operator==(const SubscribeCursorError&) const = default;
};

// First frame of an event stream.
struct EventStreamHello {
  SubscriptionId subscription_id;

  bool operator==(const EventStreamHello&) const = default;
};

// Last message of an event stream whose reader was too slow (kFeatureSubscriptionLagged): everything below
// `resume_from` was delivered, that record was not.
struct SubscriptionLagged {
  SubscriptionId subscription_id;
  Offset resume_from = 0;

  bool operator==(const SubscriptionLagged&) const = default;
};

// `event` (one record) and, with `batch`, `event_batch`: brokers send the binary forms, clients accept both.
struct Event {
  bool batch = false;
  std::string tenant_id;
  std::string namespace_id;
  std::string stream;
  RecordRun records;
  std::optional<Offset> offset;  // of the first record
};

}  // namespace felix::wire
