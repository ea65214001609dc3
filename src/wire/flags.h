#pragma once
// The flag bits of a frame header (wire protocol section 3). A bit a peer did not offer is never sent to it;
// a frame with a bit we do not serve is refused whole, never masked.

#include <cstdint>
#include <optional>

#include "base/error.h"

namespace felix::wire {

inline constexpr std::uint16_t kBinaryPublishBatch = 0x0001;
inline constexpr std::uint16_t kBinaryEventBatch = 0x0002;        // names its subscription
inline constexpr std::uint16_t kBinaryEventBatchShared = 0x0004;  // same bytes for every subscriber
inline constexpr std::uint16_t kBinaryPublishAcked = 0x0008;
inline constexpr std::uint16_t kBinaryPublishAck = 0x0010;
inline constexpr std::uint16_t kEventBatchOffsets = 0x0020;
inline constexpr std::uint16_t kBinaryPublishKeyed = 0x0040;
inline constexpr std::uint16_t kBinaryPublishAckOwner = 0x0080;
inline constexpr std::uint16_t kBinaryPublishIdempotent = 0x0100;
inline constexpr std::uint16_t kBinaryPublishAckCode = 0x0200;
inline constexpr std::uint16_t kBinaryPublishAckDetail = 0x0400;
inline constexpr std::uint16_t kEventBatchSkipped = 0x0800;
inline constexpr std::uint16_t kBinaryPublishAckOffset = 0x1000;
inline constexpr std::uint16_t kEventBatchPublisher = 0x2000;
inline constexpr std::uint16_t kEventBatchTimestamps = 0x4000;
// Ours: a binary cache frame. Reserved by the protocol, so it is never among offered flags; it is accepted
// exactly where both sides offered kFeatureHiBinaryCache.
inline constexpr std::uint16_t kBinaryCache = 0x8000;

// What the generations of the original know.
inline constexpr std::uint16_t kKnownFlagsT0 = 0x003F;
inline constexpr std::uint16_t kKnownFlagsT1 = 0x00FF;
inline constexpr std::uint16_t kKnownFlagsT2 = 0x7FFF;
// What a peer that said nothing about flags supports, for ever.
inline constexpr std::uint16_t kOriginalFlags = 0x0007;
// What this build offers, as broker and as client, and acts upon when the peer offers it too.
inline constexpr std::uint16_t kServedFlags =
    kBinaryPublishBatch | kBinaryEventBatch | kBinaryEventBatchShared | kBinaryPublishAcked |
    kBinaryPublishAck | kEventBatchOffsets | kBinaryPublishKeyed | kBinaryPublishAckCode |
    kBinaryPublishAckDetail | kBinaryPublishAckOffset | kEventBatchSkipped | kEventBatchPublisher |
    kEventBatchTimestamps;

// The flags a peer supports, given its `client_flags` or `server_flags` member.
constexpr std::uint16_t offered_flags(std::optional<std::uint16_t> offered) {
  return offered.value_or(kOriginalFlags);
}

// What the payload of a frame is.
enum class FrameKind : std::uint8_t { json, publish_batch, publish_ack, event_batch, cache };

// Refuses (Errc::unsupported) any bit outside `accepted`, two kinds at once, and a modifier without the bit
// it modifies. Direction is the caller's matter: a broker answers an event batch as it answers an unserved
// bit.
Result<FrameKind> check_flags(std::uint16_t flags, std::uint16_t accepted = kServedFlags);

}  // namespace felix::wire
