#pragma once
// Numbers that must not be swapped are different types.

#include <compare>
#include <cstdint>
#include <functional>

namespace felix {

template <class Tag, class Rep = std::uint64_t>
struct StrongId {
  Rep value{};

  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep v) : value(v) {}
  constexpr auto operator<=>(const StrongId&) const = default;
};

using SubscriptionId = StrongId<struct SubscriptionIdTag>;  // unique in a broker process, never reused
using RequestId = StrongId<struct RequestIdTag>;            // unique per QUIC stream, chosen by the client

// A record's place in its shard, from 0. Offsets do arithmetic, so this one is a plain number with a name.
using Offset = std::uint64_t;

}  // namespace felix

template <class Tag, class Rep>
struct std::hash<felix::StrongId<Tag, Rep>> {
  std::size_t operator()(const felix::StrongId<Tag, Rep>& id) const noexcept {
    return std::hash<Rep>{}(id.value);
  }
};
