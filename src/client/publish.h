#pragma once
// What a publish asks and what becomes of it.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "wire/publish_messages.h"
#include "wire/record_run.h"

namespace felix::client {

using wire::AckMode;

struct PublishRequest {
  std::string namespace_id{};  // empty: the session's
  std::string stream{};
  wire::RecordRun records{};
  std::optional<std::vector<std::byte>> key{};  // an empty key is a key
  AckMode ack = AckMode::per_batch;
};

struct PublishOutcome {
  // Of the first record, when the broker tells (never with AckMode::none).
  std::optional<Offset> offset{};
};

}  // namespace felix::client
