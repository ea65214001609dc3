#pragma once
// What both ends of a channel may send each other (wire protocol sections 3 to 5).

#include <cstddef>
#include <cstdint>
#include <optional>

#include "wire/features.h"
#include "wire/flags.h"

namespace felix::client {

// The default is that of a broker which answered plain `ok`.
struct Agreement {
  std::uint16_t flags = wire::kOriginalFlags;  // both offered
  std::uint32_t features = 0;                  // the broker advertised
  std::uint32_t features_hi = 0;               // both offered
  std::optional<std::uint32_t> publish_window;

  // How many acked publishes a channel may have unanswered before the broker stops reading it; absent: it
  // made no such promise.
  std::optional<std::size_t> granted_window() const {
    if (!has_feature(wire::kFeaturePublishPipeline) || publish_window.value_or(0) == 0) return std::nullopt;
    return *publish_window;
  }
  bool has_flags(std::uint16_t wanted) const { return (flags & wanted) == wanted; }
  bool has_feature(std::uint32_t feature) const { return (features & feature) != 0; }
  bool has_feature_hi(std::uint32_t feature) const { return (features_hi & feature) != 0; }
};

}  // namespace felix::client
