#pragma once
// What gives way for slow readers of some streams, other than of all: one item of
// subscribers.stream_policies.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace felix::config {

enum class QueuePolicy : std::uint8_t { drop_new, drop_old, block };

// "drop_new", "drop_old", "block". Errc::usage otherwise.
Result<QueuePolicy> parse_queue_policy(std::string_view word);

// TENANT/NAMESPACE/STREAM=POLICY[:QUEUE]. Each of the three is a name, or `*` for any, or a name's beginning
// and `*`.
struct StreamPolicy {
  std::string tenant;
  std::string namespace_id;
  std::string stream;
  QueuePolicy policy = QueuePolicy::drop_new;
  std::uint32_t queue_capacity = 0;  // 0: subscribers.queue_capacity

  bool applies_to(std::string_view its_tenant, std::string_view its_namespace,
                  std::string_view its_stream) const;
};

// Errc::usage says what is wrong with `text`.
Result<StreamPolicy> parse_stream_policy(std::string_view text);

}  // namespace felix::config
