#pragma once
// What a peer's frames cost us beside what they bring. QUIC lets a peer say many things that make us work and
// lead nowhere; "implementations SHOULD track cost of processing relative to progress and treat excessive
// quantities of any non-productive packets as indicative of an attack" (RFC 9000 section 21.9).
//
// Pure.

#include <cstdint>

#include "base/bytes.h"
#include "base/time.h"
#include "transport/token_bucket.h"

namespace felix::transport {

// The charge for the frames of one packet's payload (RFC 9000 section 12.4): nothing for stream data and what
// accompanies it, one for a frame that is only noted, two for one that wants an answer. What cannot be read
// is left to others, who end the connection.
std::uint64_t charge_of_frames(Bytes payload);

// One peer's account. Constant size.
class FrameAudit {
 public:
  // An honest client's worst is a packet that only acknowledges for each of ours, or thousands of
  // subscriptions ended at once.
  static constexpr Rate kAllowance{512, 8192};

  // False when the peer has used up its allowance.
  bool charge(std::uint64_t amount, MonoTime now) {
    return amount == 0 || bucket_.take(kAllowance, now, amount);
  }
  // We sent packets: as many may be answered.
  void note_sent(std::uint64_t packets) { bucket_.give_back(kAllowance, packets); }

 private:
  TokenBucket bucket_;
};

}  // namespace felix::transport
