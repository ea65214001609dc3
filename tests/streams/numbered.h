#pragma once
// Records that carry their own offset, so that every loss, duplicate or swap shows in the payload.

#include <cstdint>
#include <limits>
#include <vector>

#include "base/bytes.h"
#include "streams/subscription.h"
#include "wire/record_run.h"

namespace felix::test {

// `count` records that say first, first + 1, …; each of `size` >= 8 bytes.
inline wire::RecordRun numbered_run(Offset first, std::uint32_t count, std::size_t size = 8) {
  wire::RecordRunBuilder builder;
  std::vector<std::byte> record(size);
  for (std::uint32_t i = 0; i < count; ++i) {
    store_be<std::uint64_t>(record.data(), first + i);
    builder.append(record);
  }
  return builder.finish();
}

inline streams::Delivery numbered_delivery(Offset first, std::uint32_t count, std::size_t size = 8) {
  return {first, numbered_run(first, count, size), {}, MonoTime{}};
}

inline Offset number_of(Bytes record) { return load_be<std::uint64_t>(record.data()); }

// The offsets of a batch; fails (a single impossible offset) when payloads and base_offset disagree.
inline std::vector<Offset> offsets_of(const streams::EventBatch& batch) {
  std::vector<Offset> offsets;
  std::size_t bytes = 0;
  for (const auto& part : batch.parts) {
    bytes += part.run.encoded_bytes();
    for (const Bytes record : part.run) {
      if (number_of(record) != batch.base_offset + offsets.size())
        return {std::numeric_limits<Offset>::max()};
      offsets.push_back(number_of(record));
    }
  }
  if (offsets.size() != batch.count || bytes != batch.bytes) return {std::numeric_limits<Offset>::max()};
  return offsets;
}

// Takes everything that waits.
inline std::vector<Offset> drain(streams::Subscription& subscription,
                                 const streams::TakeLimits& limits = {}) {
  std::vector<Offset> all;
  streams::EventBatch batch;
  while (subscription.take(limits, batch))
    for (const Offset offset : offsets_of(batch)) all.push_back(offset);
  return all;
}

inline std::vector<Offset> range(Offset from, Offset to) {
  std::vector<Offset> offsets;
  for (Offset at = from; at < to; ++at) offsets.push_back(at);
  return offsets;
}

}  // namespace felix::test
