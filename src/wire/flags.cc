#include "wire/flags.h"

#include <string>

#include "base/bytes.h"
#include "base/hex.h"

namespace felix::wire {
namespace {

constexpr std::uint16_t kEventKinds = kBinaryEventBatch | kBinaryEventBatchShared;
constexpr std::uint16_t kPublishModifiers =
    kBinaryPublishAcked | kBinaryPublishKeyed | kBinaryPublishIdempotent;
constexpr std::uint16_t kAckModifiers =
    kBinaryPublishAckOwner | kBinaryPublishAckCode | kBinaryPublishAckDetail | kBinaryPublishAckOffset;
constexpr std::uint16_t kEventModifiers =
    kEventBatchOffsets | kEventBatchSkipped | kEventBatchPublisher | kEventBatchTimestamps;

std::string shown(std::uint16_t flags) {
  std::byte bytes[2];
  store_be(bytes, flags);
  return "0x" + encode_hex(bytes);
}

std::unexpected<Error> refuse(std::uint16_t flags, const char* why) {
  return fail(Errc::unsupported, "frame flags " + shown(flags) + ": " + why);
}

constexpr bool only(std::uint16_t flags, std::uint16_t allowed) { return (flags & ~allowed) == 0; }
// `bit` is absent, or what it needs is present.
constexpr bool needs(std::uint16_t flags, std::uint16_t bit, std::uint16_t needed) {
  return (flags & bit) == 0 || (flags & needed) != 0;
}

}  // namespace

Result<FrameKind> check_flags(std::uint16_t flags, std::uint16_t accepted) {
  if (flags == 0) return FrameKind::json;
  if (!only(flags, accepted)) return refuse(flags, "a bit that was not offered");
  if ((flags & kBinaryPublishBatch) != 0) {
    if (!only(flags, kBinaryPublishBatch | kPublishModifiers))
      return refuse(flags, "a publish batch with a bit of another kind");
    if (!needs(flags, kBinaryPublishIdempotent, kBinaryPublishAcked))
      return refuse(flags, "an idempotent batch must be acked");
    return FrameKind::publish_batch;
  }
  if ((flags & kBinaryPublishAck) != 0) {
    if (!only(flags, kBinaryPublishAck | kAckModifiers))
      return refuse(flags, "a publish ack with a bit of another kind");
    if (!needs(flags, kBinaryPublishAckDetail, kBinaryPublishAckCode))
      return refuse(flags, "a detail without a code");
    return FrameKind::publish_ack;
  }
  if ((flags & kEventKinds) != 0) {
    if ((flags & kEventKinds) == kEventKinds || !only(flags, kEventKinds | kEventModifiers))
      return refuse(flags, "an event batch with a bit of another kind");
    if (!needs(flags, kEventBatchSkipped, kEventBatchOffsets))
      return refuse(flags, "skipped offsets without offsets");
    return FrameKind::event_batch;
  }
  if ((flags & kBinaryCache) != 0) {
    if (flags != kBinaryCache) return refuse(flags, "a cache frame with a bit of another kind");
    return FrameKind::cache;
  }
  return refuse(flags, "a modifier without the bit it modifies");
}

}  // namespace felix::wire
