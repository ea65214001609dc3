#pragma once
// The first 16 bytes of every record of the bench: which run and publisher it is of, its number there, and
// when it was sent. Random bytes follow. Pure.

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace felix::bench {

inline constexpr std::size_t kStampBytes = 16;
inline constexpr std::uint32_t kMaxPublishers = 1u << 12;

struct Stamp {
  std::uint16_t run = 0;        // 12 bits: tells records of another run on the same stream apart
  std::uint16_t publisher = 0;  // 12 bits
  std::uint64_t sequence = 0;   // 40 bits, from 0 for each publisher
  std::uint64_t sent_ns = 0;    // CLOCK_MONOTONIC when the record was handed to the client

  bool operator==(const Stamp&) const = default;
};

inline void encode_stamp(std::byte* into, const Stamp& stamp) {
  store_be<std::uint64_t>(into, std::uint64_t{stamp.run} << 52 | std::uint64_t{stamp.publisher} << 40 |
                                    (stamp.sequence & ((std::uint64_t{1} << 40) - 1)));
  store_be<std::uint64_t>(into + 8, stamp.sent_ns);
}

// Absent: too short to be a record of ours.
inline std::optional<Stamp> parse_stamp(Bytes record) {
  if (record.size() < kStampBytes) return std::nullopt;
  const auto word = load_be<std::uint64_t>(record.data());
  return Stamp{static_cast<std::uint16_t>(word >> 52), static_cast<std::uint16_t>(word >> 40 & 0xfff),
               word & ((std::uint64_t{1} << 40) - 1), load_be<std::uint64_t>(record.data() + 8)};
}

}  // namespace felix::bench
