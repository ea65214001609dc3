#pragma once
// When an acknowledgement that has no company may leave. ngtcp2 acknowledges an eighth of the round trip
// after a packet came, which on a short path is a packet, a wake-up and an answer of its own for every
// record. A few packets can wait for what is said next on their connection; more of them cannot, so that a
// sender with a small window is not slowed down. Nor can any where the round trip is longer than the
// patience would be worth: there a sender that lost something has few packets under way, and all of them
// would wait.
//
// Pure. Times are of the reactor's turns.

#include <algorithm>
#include <cstdint>

#include "base/time.h"

namespace felix::transport {

class AckPatience {
 public:
  // `max_ack_delay`: what the peer was promised. A quarter of it is left for timers and schedulers that are
  // late.
  explicit AckPatience(Duration max_ack_delay) : patience_(max_ack_delay * 3 / 4) {}

  // A packet came. One without data is an acknowledgement, and ngtcp2 asks for an answer to most of those:
  // two ends that count them keep each other talking.
  void note_received(MonoTime now, bool with_data) {
    if (!waiting_ || now - since_ >= patience_) {
      waiting_ = true;
      since_ = now;
      data_packets_ = 0;
    }
    if (with_data) ++data_packets_;
  }

  // A packet came that its sender waits for: a search for the path's size can fill a small window by itself.
  void note_probe(MonoTime now) {
    note_received(now, true);
    data_packets_ = kDataPackets + 1;
  }

  // A packet left. It carried the acknowledgement if what it acknowledges came at least `ack_delay` before.
  // `round_trip`: the shortest seen on this path.
  void note_sent(MonoTime now, Duration ack_delay, Duration round_trip) {
    if (now - since_ >= ack_delay) waiting_ = false;
    near_ = round_trip < kNear;
  }

  // Nothing need leave for the packets received alone.
  bool holds(MonoTime now) const { return patient() && now - since_ < patience_; }
  // When it ends.
  MonoTime end() const { return since_ + patience_; }
  // When to be woken, given when ngtcp2 wants to be.
  MonoTime deadline(MonoTime expiry) const {
    return patient() ? std::max(expiry, since_ + patience_) : expiry;
  }

 private:
  static constexpr std::uint32_t kDataPackets = 3;
  // One host, or one rack.
  static constexpr Duration kNear = std::chrono::milliseconds(1);

  bool patient() const { return near_ && waiting_ && data_packets_ <= kDataPackets; }

  Duration patience_;
  MonoTime since_{};
  bool near_ = true;      // until a round trip says otherwise
  bool waiting_ = false;  // something came since the last acknowledgement, needed or not
  std::uint32_t data_packets_ = 0;
};

}  // namespace felix::transport
