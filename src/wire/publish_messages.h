#pragma once
// JSON publishing (wire protocol section 6.2). The binary forms are in wire/publish_codec.h and
// wire/ack_codec.h.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "wire/error_info.h"
#include "wire/record_run.h"

namespace felix::wire {

// Whether an answer is owed. Per message or per batch makes no difference to a broker: one answer a frame.
// The values are those of the binary prefix (section 7.2), which cannot say `none`.
enum class AckMode : std::uint8_t { none = 0, per_message = 1, per_batch = 2 };

// `publish` (one record) and, with `batch`, `publish_batch` (any number).
struct Publish {
  bool batch = false;
  std::string tenant_id;
  std::string namespace_id;
  std::string stream;
  RecordRun records;
  std::optional<std::vector<std::byte>> key;  // an empty key is a key
  std::optional<RequestId> request_id;        // owed when an ack is
  std::optional<AckMode> ack;                 // as sent; absent is not `none`

  // The mode in force: when absent, an ack is owed.
  AckMode ack_mode() const { return ack.value_or(batch ? AckMode::per_batch : AckMode::per_message); }
};

// `offset` of the first record, only to a client that offered kBinaryPublishAckOffset.
struct PublishOk {
  RequestId request_id;
  std::optional<Offset> offset;

  bool operator==(const PublishOk&) const = default;
};

struct PublishError {
  RequestId request_id;
  std::string message;
  std::optional<ErrorInfo> info;

  bool operator==(const PublishError&) const = default;
};

}  // namespace felix::wire
