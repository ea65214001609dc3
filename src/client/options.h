#pragma once
// How a client reaches a broker, as whom, and how patient it is.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "transport/config.h"
#include "wire/features.h"
#include "wire/flags.h"
#include "wire/header.h"

namespace felix::client {

inline constexpr std::uint16_t kDefaultPort = 5000;  // UDP (wire protocol section 1)

// What this client can read (wire protocol sections 3 and 4).
inline constexpr std::uint16_t kReadableFlags = wire::kServedFlags | wire::kBinaryPublishAckOwner;
// What it offers in `auth` unless a subscription asks for more: who published and when cost broker and reader
// something with every batch.
inline constexpr std::uint16_t kClientFlags =
    kReadableFlags & ~(wire::kEventBatchPublisher | wire::kEventBatchTimestamps);
inline constexpr std::uint32_t kClientFeatures =
    wire::kFeatureCacheDelete | wire::kFeatureErrorCodes | wire::kFeatureUnsupported |
    wire::kFeatureSubscriptionLagged | wire::kFeatureSubscribeQueue | wire::kFeaturePublishPipeline |
    wire::kFeatureStreamPublishWindow;
inline constexpr std::uint32_t kClientFeaturesHi = wire::kFeatureHiBinaryCache;

// How a lost connection is made again.
struct ReconnectPolicy {
  bool enabled = true;
  // Also keep trying when the very first connection cannot be made.
  bool from_the_start = false;
  Duration initial_backoff = std::chrono::milliseconds(50);
  Duration max_backoff = std::chrono::seconds(2);
};

struct ConnectOptions {
  // "host:port", "[v6]:port" or "host"; tried in this order, a later one joins when an earlier one is slow.
  std::vector<std::string> servers;
  // Whom the broker's certificate must name; empty: the host part of the server's address.
  std::string server_name;
  // Certificates trusted to sign the broker's: PEM text, or else a file, read again at each connect.
  std::string ca_pem;
  std::string ca_file;
  std::string tenant = "default";
  std::string namespace_id = "default";
  // The bearer token, or else a file with it, read again at each connect.
  std::string token;
  std::string token_file;
  // Off by default: brokers without a protocol list refuse a client that offers one (wire protocol
  // section 1.1).
  bool offer_alpn = false;

  Duration connect_timeout = std::chrono::seconds(5);
  // From the moment a request is handed in, whatever happens to it on the way.
  Duration request_timeout = std::chrono::seconds(30);
  // The stream window bounds what waits for a slow consumer of a subscription, with what its frames cost
  // here.
  transport::TransportConfig transport{.connection_window_bytes = 32u << 20, .stream_window_bytes = 4u << 20};
  ReconnectPolicy reconnect;
  std::uint32_t max_payload_bytes = wire::kDefaultMaxPayloadBytes;  // of a frame, both ways

  // Absent: `auth` says nothing and the broker answers plain `ok`, as before negotiation existed.
  std::optional<std::uint16_t> client_flags = kClientFlags;
  std::optional<std::uint32_t> client_features = kClientFeatures;
  // Asks that publishes be answered only once they are written, by brokers that answer earlier otherwise.
  // Said only beside the word above.
  bool ack_on_commit = false;
  // The second word; said only beside the first, and only when it is not 0.
  std::uint32_t client_features_hi = kClientFeaturesHi;
};

}  // namespace felix::client
