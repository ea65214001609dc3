#include "transport/stream_credit.h"

#include <algorithm>

#include "transport/receive_window.h"

namespace felix::transport {

StreamCredit::StreamCredit(const TransportConfig& config, IngressAccount* account)
    : bidi_{std::min(config.first_bidi_streams, config.max_bidi_streams), config.max_bidi_streams},
      uni_{std::min(config.first_uni_streams, config.max_uni_streams), config.max_uni_streams},
      state_bytes_(config.stream_state_bytes),
      account_(account) {}

void StreamCredit::note_opened(ngtcp2_conn* conn, std::int64_t id) {
  Kind& kind = kind_of(id);
  ++kind.open;
  if (!trusted_ || kind.limit >= kind.most || 2 * kind.open <= kind.limit) return;
  const std::uint64_t more = std::min(kind.limit, kind.most - kind.limit);
  if (account_ != nullptr && !account_->granted.try_resize(charge_, charge_.bytes() + more * state_bytes_,
                                                           account_->growth_limit_bytes()))
    return;
  kind.limit += more;
  extend(conn, id, more);
}

void StreamCredit::note_closed(ngtcp2_conn* conn, std::int64_t id) {
  --kind_of(id).open;
  extend(conn, id, 1);
}

void StreamCredit::extend(ngtcp2_conn* conn, std::int64_t id, std::uint64_t count) {
  if (ngtcp2_is_bidi_stream(id)) {
    ngtcp2_conn_extend_max_streams_bidi(conn, count);
  } else {
    ngtcp2_conn_extend_max_streams_uni(conn, count);
  }
}

}  // namespace felix::transport
