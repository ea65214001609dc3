#pragma once
// Feature bits (wire protocol section 4). They appear only in `auth` and `auth_ok`, never in a frame header.
// A broker advertises what it can serve in its present configuration, a client what it can read.

#include <cstdint>
#include <optional>

#include "wire/flags.h"

namespace felix::wire {

inline constexpr std::uint32_t kFeatureTopology = 0x1;
inline constexpr std::uint32_t kFeatureRedirect = 0x2;
inline constexpr std::uint32_t kFeatureCacheDelete = 0x4;
inline constexpr std::uint32_t kFeatureConsumerGroup = 0x8;
inline constexpr std::uint32_t kFeatureGroupDeadLetters = 0x10;
inline constexpr std::uint32_t kFeatureStreamShards = 0x20;
inline constexpr std::uint32_t kFeatureCacheWatch = 0x40;
inline constexpr std::uint32_t kFeatureCacheWatchRetained = 0x80;
inline constexpr std::uint32_t kFeatureCounters = 0x100;
inline constexpr std::uint32_t kFeatureIdempotentProducer = 0x200;
inline constexpr std::uint32_t kFeatureCacheShards = 0x400;
inline constexpr std::uint32_t kFeatureErrorCodes = 0x800;
inline constexpr std::uint32_t kFeatureShardMoved = 0x1000;
inline constexpr std::uint32_t kFeatureUnsupported = 0x2000;
inline constexpr std::uint32_t kFeatureSequenceReused = 0x4000;
inline constexpr std::uint32_t kFeaturePublishPipeline = 0x8000;
inline constexpr std::uint32_t kFeatureAtomicCommit = 0x1'0000;
inline constexpr std::uint32_t kFeatureStreamPublishWindow = 0x2'0000;
inline constexpr std::uint32_t kFeatureShardOwners = 0x4'0000;
inline constexpr std::uint32_t kFeatureAckOnCommit = 0x8'0000;
inline constexpr std::uint32_t kFeatureGroupConsumer = 0x10'0000;
inline constexpr std::uint32_t kFeatureSubscriptionLagged = 0x20'0000;
inline constexpr std::uint32_t kFeatureGroupSkipped = 0x40'0000;
inline constexpr std::uint32_t kFeatureGroupPublisher = 0x80'0000;
inline constexpr std::uint32_t kFeatureGroupAdmin = 0x100'0000;
inline constexpr std::uint32_t kFeatureCacheConditional = 0x200'0000;
inline constexpr std::uint32_t kFeatureRecordTimestamps = 0x400'0000;
inline constexpr std::uint32_t kFeatureGroupClaimControl = 0x800'0000;
inline constexpr std::uint32_t kFeaturePublishConditional = 0x1000'0000;
inline constexpr std::uint32_t kFeatureStreamRead = 0x2000'0000;
inline constexpr std::uint32_t kFeatureSubscribeQueue = 0x4000'0000;
// Not a feature: a second word follows in the `_hi` member, which is ignored without this bit.
inline constexpr std::uint32_t kFeatureExtended = 0x8000'0000;

// Second word. The protocol counts its bits up from the lowest; ours, which the protocol does not know, count
// down from the highest.
inline constexpr std::uint32_t kFeatureHiInspect = 0x1;
inline constexpr std::uint32_t kFeatureHiBinaryCache = 0x8000'0000;

// What a peer of the generation before it can have offered.
inline constexpr std::uint32_t kKnownFeaturesT1 = 0x3FF;

// What this build's codec and session serve, whatever the configuration.
inline constexpr std::uint32_t kServedFeatures = kFeatureCacheDelete | kFeatureErrorCodes |
                                                 kFeatureUnsupported | kFeatureSubscriptionLagged |
                                                 kFeatureSubscribeQueue;
inline constexpr std::uint32_t kServedFeaturesHi = kFeatureHiBinaryCache;
// Granted rather than advertised: a broker repeats these to a client that offered them, and to nobody else.
inline constexpr std::uint32_t kGrantedFeatures =
    kFeaturePublishPipeline | kFeatureStreamPublishWindow | kFeatureAckOnCommit;

// Those of an offer a broker grants, given how many publishes it lets a stream have unanswered: without a
// window there is nothing to say about pipelining.
constexpr std::uint32_t granted_features(std::uint32_t offered, std::uint32_t publish_window) {
  const std::uint32_t granted = offered & kGrantedFeatures;
  return publish_window != 0 && (granted & kFeaturePublishPipeline) != 0
             ? granted
             : granted & ~(kFeaturePublishPipeline | kFeatureStreamPublishWindow);
}

// A peer offered something that the first two generations do not know.
constexpr bool knows_t2(std::uint16_t flags, std::uint32_t features) {
  return (flags & ~kKnownFlagsT1) != 0 || (features & ~kKnownFeaturesT1) != 0;
}

// The second word a peer sent, given both of its members.
constexpr std::uint32_t offered_features_hi(std::optional<std::uint32_t> features,
                                            std::optional<std::uint32_t> features_hi) {
  return (features.value_or(0) & kFeatureExtended) != 0 ? features_hi.value_or(0) : 0;
}

}  // namespace felix::wire
