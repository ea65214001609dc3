#pragma once
// What a receiver that follows the protocol makes of some bytes of a stream, using this build's codecs.
// Internal to the module.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "wire/ack_codec.h"
#include "wire/cache_codec.h"
#include "wire/event_codec.h"
#include "wire/flags.h"
#include "wire/frame_reader.h"
#include "wire/messages.h"
#include "wire/publish_codec.h"

namespace felix::conformance {

enum class Receiver { broker, client };

struct Verdict {
  enum class Kind { accept, unknown, reject, incomplete };
  Kind kind = Kind::accept;
  // header, flags, payload, boundary: where it was refused or where the bytes end. Empty for accept.
  std::string at;
  // "teardown", "error:<message>", "ack_error:<message>", or empty.
  std::string answer;
  std::optional<std::uint64_t> request_id;  // the one an answer to a refused batch names
  std::string reason;                       // our own words

  // Of the last complete frame. Its views are into frame.payload.
  wire::IncomingFrame frame;
  std::variant<std::monostate, wire::ClientMessage, wire::ServerMessage, wire::BinaryPublish,
               wire::PublishAck, wire::EventBatch, wire::CacheRequest, wire::CacheAnswer>
      value;
};

struct Terms {
  Receiver receiver = Receiver::broker;
  std::uint16_t offered_flags = wire::kKnownFlagsT2;
  std::uint32_t offered_features_hi = 0;
  std::uint32_t max_payload_bytes = wire::kDefaultMaxPayloadBytes;
};

// The verdict on the first frame that is not accepted, else on the last one.
Verdict judge(Bytes bytes, const Terms& terms);

// The value of an accepted verdict as a frame again.
std::vector<std::byte> encode_again(const Verdict& verdict);

// A binary value as JSON, in the member names and order of our vector files; empty for a JSON message.
std::string describe(const Verdict& verdict);

}  // namespace felix::conformance
