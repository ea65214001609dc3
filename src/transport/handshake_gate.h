#pragma once
// Who may begin a handshake at once, who must first prove its address (Retry), and who is turned away. A
// handshake costs the server much more than the first packet that asks for it costs anyone who does not
// mean it.
//
// One per endpoint, of constant size. Threads: its reactor's.

#include <cstdint>
#include <memory>

#include "base/time.h"
#include "io/address.h"
#include "transport/token_bucket.h"

namespace felix::transport {

// Unfinished handshakes of one endpoint. A network is an IPv4 /24 or an IPv6 /56.
struct HandshakeLimits {
  // From so many on, a new peer must prove its address.
  std::uint32_t prove_from = 64;
  std::uint32_t prove_from_per_network = 32;
  // First packets with which no handshake can begin; a new peer must prove its address while there are more.
  Rate fruitless{100, 200};
  // Handshakes that may begin in one turn of the loop without such a proof.
  std::uint32_t unproven_per_turn = 32;
  // From so many on, a new peer is refused whatever it proved.
  std::uint32_t refuse_from = 2048;
  std::uint32_t refuse_from_per_network = 256;
};

class HandshakeGate {
 public:
  HandshakeGate(const HandshakeLimits& limits, std::uint64_t seed);

  enum class Verdict { begin, prove, refuse };
  // `proven`: the peer has shown that it receives what is sent to its address.
  Verdict judge(const io::Address& from, bool proven, MonoTime now);

  void began(const io::Address& from, bool proven);
  // By success, failure or time.
  void over(const io::Address& from);
  // The first packet of a handshake just begun was none.
  void was_fruitless(MonoTime now);
  void end_turn() { unproven_in_turn_ = 0; }

  std::uint32_t unfinished() const { return unfinished_; }

 private:
  static constexpr std::size_t kSlots = 4096;
  std::uint16_t& slot_of(const io::Address& from);

  const HandshakeLimits limits_;
  const std::uint64_t seed_;
  std::uint32_t unfinished_ = 0;
  std::uint32_t unproven_in_turn_ = 0;
  MonoTime suspicious_until_{};
  TokenBucket fruitless_starts_;
  // Networks share slots by a seeded hash, so that two of them may count as one.
  std::unique_ptr<std::uint16_t[]> unfinished_of_;
};

}  // namespace felix::transport
