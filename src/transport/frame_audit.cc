#include "transport/frame_audit.h"

#include <algorithm>

namespace felix::transport {
namespace {

// Control frames beside stream data: window updates, "blocked", an acknowledgement.
constexpr std::uint64_t kFreeWithData = 8;

class Payload {
 public:
  explicit Payload(Bytes bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}
  bool more() const { return at_ != end_; }
  // False once something was cut off.
  bool whole() const { return whole_; }
  std::uint64_t number() {
    if (at_ == end_) return cut_off();
    const unsigned first = std::to_integer<unsigned>(*at_);
    const int size = 1 << (first >> 6);
    if (end_ - at_ < size) return cut_off();
    std::uint64_t value = first & 0x3f;
    for (int i = 1; i < size; ++i) value = value << 8 | std::to_integer<std::uint64_t>(at_[i]);
    at_ += size;
    return value;
  }
  void numbers(int count) {
    while (count-- > 0) number();
  }
  void skip(std::uint64_t bytes) {
    if (bytes > static_cast<std::uint64_t>(end_ - at_)) {
      cut_off();
    } else {
      at_ += bytes;
    }
  }
  void skip_padding() {
    while (at_ != end_ && *at_ == std::byte{0}) ++at_;
  }
  std::uint64_t rest() const { return static_cast<std::uint64_t>(end_ - at_); }

 private:
  std::uint64_t cut_off() {
    whole_ = false;
    at_ = end_;
    return 0;
  }
  const std::byte* at_;
  const std::byte* end_;
  bool whole_ = true;
};

void skip_ack(Payload& payload, bool with_ecn) {
  payload.numbers(2);
  std::uint64_t ranges = payload.number();
  payload.number();
  for (; ranges > 0 && payload.whole(); --ranges) payload.numbers(2);
  if (with_ecn) payload.numbers(3);
}

}  // namespace

std::uint64_t charge_of_frames(Bytes bytes) {
  Payload payload(bytes);
  std::uint64_t charge = 0;
  bool data = false;
  while (payload.more()) {
    const std::uint64_t type = payload.number();
    switch (type) {
      case 0x00:  // PADDING
        payload.skip_padding();
        continue;
      case 0x01:  // PING
        break;
      case 0x02:  // ACK
      case 0x03:
        skip_ack(payload, type == 0x03);
        break;
      case 0x04:  // RESET_STREAM
        payload.numbers(3);
        ++charge;
        break;
      case 0x05:  // STOP_SENDING
      case 0x11:  // MAX_STREAM_DATA
      case 0x15:  // STREAM_DATA_BLOCKED
        payload.numbers(2);
        break;
      case 0x06:  // CRYPTO
        payload.number();
        payload.skip(payload.number());
        break;
      case 0x10:  // MAX_DATA
      case 0x12:  // MAX_STREAMS
      case 0x13:
      case 0x14:  // DATA_BLOCKED
      case 0x16:  // STREAMS_BLOCKED
      case 0x17:
        payload.number();
        break;
      case 0x18:  // NEW_CONNECTION_ID
        payload.numbers(2);
        payload.skip(payload.number() + 16);
        break;
      case 0x19:  // RETIRE_CONNECTION_ID
        payload.number();
        ++charge;
        break;
      case 0x1a:  // PATH_CHALLENGE
        payload.skip(8);
        ++charge;
        break;
      case 0x1b:  // PATH_RESPONSE
        payload.skip(8);
        break;
      default:
        // STREAM; everything else is no frame of a client, or its last.
        if (type < 0x08 || type > 0x0f) return charge;
        payload.number();
        if ((type & 0x04) != 0) payload.number();
        payload.skip((type & 0x02) != 0 ? payload.number() : payload.rest());
        data = true;
        continue;
    }
    ++charge;
  }
  return data ? charge - std::min(charge, kFreeWithData) : std::max<std::uint64_t>(charge, 1);
}

}  // namespace felix::transport
