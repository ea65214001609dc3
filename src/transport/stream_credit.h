#pragma once
// How many streams the peer may have open (QUIC's MAX_STREAMS): few at first, then twice as many whenever
// half of them are in use, as far as the reactor's account has room for their state. A stream that ends is
// replaced by another. A stream nobody opens costs nothing.

#include <cstdint>

#include <ngtcp2/ngtcp2.h>

#include "flow/budget.h"
#include "transport/config.h"

namespace felix::transport {

struct IngressAccount;

class StreamCredit {
 public:
  // `account` may be null.
  StreamCredit(const TransportConfig& config, IngressAccount* account);

  void trust() { trusted_ = true; }
  // Of streams the peer opens. May be called from ngtcp2's callbacks.
  void note_opened(ngtcp2_conn* conn, std::int64_t id);
  void note_closed(ngtcp2_conn* conn, std::int64_t id);

 private:
  struct Kind {
    std::uint64_t limit;  // open at once
    std::uint64_t most;
    std::uint64_t open = 0;
  };
  Kind& kind_of(std::int64_t id) { return ngtcp2_is_bidi_stream(id) ? bidi_ : uni_; }
  static void extend(ngtcp2_conn* conn, std::int64_t id, std::uint64_t count);

  Kind bidi_;
  Kind uni_;
  const std::uint64_t state_bytes_;
  IngressAccount* const account_;
  flow::Charge charge_;
  bool trusted_ = false;
};

}  // namespace felix::transport
