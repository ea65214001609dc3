#pragma once
// How large packets may be on a path that may have come to carry less than was proven. Discovery only grows:
// a path that shrinks (another route, a tunnel) swallows every larger packet without a word while small ones
// pass. A burst of losses looks the same for a moment, and must not make packets smaller for longer.
//
// So one larger packet at a time is marked by the channel whose data it carries. When nothing more of that
// channel came through for a while, packets are of the smallest size until one is heard; then the size it was
// is tried once more, which ends every doubt that was only loss. If that fails too the sizes are climbed one
// by one, and what did not pass is tried again later, less and less often.
//
// Pure. Times are of the reactor's turns; sizes are UDP payloads in bytes.

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace felix::transport {

// What every path of QUIC carries.
inline constexpr std::size_t kSmallestPacket = 1200;
// Sizes that discovery tries, ascending: Ethernet, jumbo frames, and within this host, where four of the
// largest fill a train (flush.h).
inline constexpr std::array<std::uint16_t, 6> kProbeSizes{1406, 1452, 2048, 4096, 8900, 16250};

class PathSize {
 public:
  // Packets above this size are lost, as far as we know; SIZE_MAX: none are.
  std::size_t limit() const { return limit_; }

  // At the beginning of a flush: gives up sizes that do not come through, and tries those again that did not
  // long ago. `proven`: the size discovery has found.
  void check(MonoTime now, std::size_t proven);

  // Whether a packet of `size` that carries data should be noted.
  bool notes(std::size_t size) const { return size > above_ || (unheard() && !marked()); }
  bool marked() const { return mark_.channel >= 0; }
  // Such a packet left, and none is marked: this one, or one before it, carried bytes of `channel`, of which
  // `end` were sent so far. `patience`: how long it may take until more of them are acknowledged.
  void mark(std::int64_t channel, std::uint64_t end, MonoTime now, Duration patience) {
    mark_ = {channel, end, now + patience, patience};
    progressed_ = false;
    sent_ = 1;
  }
  // Another one left.
  void note_sent() { ++sent_; }
  // Everything of `channel` up to `end` was acknowledged.
  void note_acknowledged(std::int64_t channel, std::uint64_t end) {
    if (channel != mark_.channel) return;
    progressed_ = true;
    // While a size is tried, only what was sent since then proves it.
    if (state_ != State::trying || end >= mark_.end) on_delivered();
  }
  // Its bytes will not be acknowledged any more.
  void note_channel_gone(std::int64_t channel) {
    if (channel == mark_.channel) mark_ = {};
  }

  // The path is another one: nothing is known of what it carries.
  void doubt(std::size_t proven);

 private:
  enum class State : std::uint8_t {
    sure,      // no limit
    doubting,  // smallest packets, until one is heard
    trying,    // up to limit_, of which safe_ is known to pass
    holding,   // safe_ passes, and what is above it has failed
  };
  // Two may be lost by chance.
  static constexpr std::uint32_t kPacketsLost = 3;
  static constexpr Duration kFirstRetry = std::chrono::seconds(1);
  static constexpr Duration kLastRetry = std::chrono::seconds(60);

  struct Mark {
    std::int64_t channel = -1;
    std::uint64_t end = 0;
    MonoTime due{};
    Duration patience{};
  };

  bool unheard() const { return state_ == State::doubting; }
  void on_delivered();
  void note_lost(MonoTime now, std::size_t proven);
  void try_up_to(std::size_t size);
  void try_next_size();

  State state_ = State::sure;
  bool climbing_ = false;    // size by size: what was proven has failed twice
  bool progressed_ = false;  // of the marked channel more was acknowledged since the last check
  std::uint32_t sent_ = 0;   // packets in question, since the marked one
  std::size_t limit_ = SIZE_MAX;
  std::size_t above_ = kSmallestPacket;  // larger packets are marked
  std::size_t safe_ = kSmallestPacket;
  std::size_t proven_ = 0;
  Mark mark_;
  MonoTime retry_at_{};
  Duration retry_after_ = kFirstRetry;
};

}  // namespace felix::transport
