#pragma once
// Metadata as JSON: whole states and single steps, for the store and for brokers that follow.

#include <string>
#include <string_view>

#include "base/error.h"
#include "metadata/state.h"

namespace felix::metadata {

// Grows when an older build could misread what is written.
inline constexpr std::uint32_t kSnapshotFormat = 1;

// The same state gives the same text.
std::string encode_snapshot(const State& state);
// Errors: corrupt (not a snapshot, or one that contradicts itself), newer_version.
Result<State> decode_snapshot(std::string_view text);

std::string encode_delta(const Delta& delta);
Result<Delta> decode_delta(std::string_view text);

}  // namespace felix::metadata
