#pragma once
// For whoever keeps a Slice long: a small view must not keep a large Frame alive.

#include <cstddef>
#include <utility>

#include "flow/frame.h"

namespace felix::flow {

// A Frame up to this size is not worth a copy.
inline constexpr std::size_t kCompactAboveBytes = 2048;
// A view of at most this share of its Frame is copied.
inline constexpr std::size_t kCompactShare = 8;

// `slice`, or a copy of it in a Frame of its own size.
inline Slice compacted(Slice slice) {
  const std::size_t footprint = slice.footprint_bytes();
  if (footprint <= kCompactAboveBytes || slice.size() > footprint / kCompactShare) return slice;
  return Slice::copy_of(slice.bytes());
}

}  // namespace felix::flow
