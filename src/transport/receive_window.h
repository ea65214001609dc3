#pragma once
// What a connection grants its peer: how many bytes it may have on their way to us, or unread here (QUIC's
// MAX_DATA). Small until the peer is trusted; then as large as its use shows to be worth it and as the
// account of the reactor allows. What is granted counts as used: the peer may send it at any time.
//
// Arithmetic only: the Connection tells ngtcp2 of each extension, and ngtcp2 tells the peer at once, because
// none is smaller than the quarter it waits for.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>

#include "base/time.h"
#include "flow/budget.h"

namespace felix::transport {

// What all peers of a reactor are granted together. The first window of a connection is never refused:
// whoever admits connections sees to it that all of them fit.
struct IngressAccount {
  explicit IngressAccount(std::size_t limit_bytes) : granted(limit_bytes) {}

  // Windows beyond the first leave so much to frames that are on their way.
  std::size_t growth_limit_bytes() const { return granted.limit_bytes() / 4 * 3; }
  // Above this, windows shrink as they are used.
  bool pressed() const { return granted.used_bytes() > granted.limit_bytes() / 8 * 7; }

  flow::Budget granted;
  std::atomic<std::size_t> unread_bytes{0};  // of `granted`: received, and not handled
};

class ReceiveWindow {
 public:
  // `account` may be null: then only `most_bytes` bounds. 0 < first_bytes <= most_bytes.
  ReceiveWindow(std::uint64_t first_bytes, std::uint64_t most_bytes, IngressAccount* account);
  ~ReceiveWindow();
  ReceiveWindow(const ReceiveWindow&) = delete;
  ReceiveWindow& operator=(const ReceiveWindow&) = delete;

  void note_received(std::uint64_t bytes);
  // `bytes` were handled: by how much to extend the peer's limit. `rtt()` gives the smoothed round-trip time;
  // it is asked once a window.
  template <class Rtt>
  std::uint64_t give_back(std::uint64_t bytes, MonoTime now, Rtt&& rtt) {
    used_bytes_ += bytes;
    if (used_bytes_ >= target_bytes_) tune(now, rtt());
    return extension_after(bytes);
  }
  // The peer is authenticated: its window may grow from here on. By how much to extend it now.
  std::uint64_t trust(MonoTime now);
  // So that `bytes` beyond those received can come without any of them being handled. Nullopt: the account
  // has no room now.
  std::optional<std::uint64_t> make_room(std::uint64_t bytes);

  // What `granted` is brought to as bytes are handled.
  std::uint64_t target_bytes() const { return target_bytes_; }
  std::uint64_t granted_bytes() const { return granted_bytes_; }

 private:
  void tune(MonoTime now, Duration rtt);
  bool grow_to(std::uint64_t bytes);
  std::uint64_t extension_after(std::uint64_t handled_bytes);
  void recharge();

  const std::uint64_t first_bytes_;
  const std::uint64_t most_bytes_;
  IngressAccount* const account_;
  flow::Charge charge_;
  std::uint64_t target_bytes_;
  std::uint64_t granted_bytes_;     // told to the peer, and not handled
  std::uint64_t unread_bytes_ = 0;  // of those: received
  std::uint64_t used_bytes_ = 0;    // handled since...
  MonoTime used_since_{};
  bool trusted_ = false;
};

// The least extension that ngtcp2 passes on at once, of a window that began at `first_bytes`.
inline std::uint64_t least_extension(std::uint64_t first_bytes, std::uint64_t target_bytes) {
  return std::max(first_bytes, target_bytes) / 4 + 1;
}

}  // namespace felix::transport
