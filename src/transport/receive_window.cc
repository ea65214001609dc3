#include "transport/receive_window.h"

#include "base/contract.h"

namespace felix::transport {
namespace {

// A peer that has proven who it is begins with so much.
constexpr std::uint64_t kTrustedBytes = std::uint64_t{1} << 20;
// A window used up within so many round trips, or within this time, is too small: a round trip over it would
// leave the peer waiting.
constexpr int kRoundTrips = 4;
constexpr Duration kShortTime = std::chrono::seconds(1);
// No connection is granted more than such a part of its reactor's account.
constexpr std::uint64_t kShare = 4;

}  // namespace

ReceiveWindow::ReceiveWindow(std::uint64_t first_bytes, std::uint64_t most_bytes, IngressAccount* account)
    : first_bytes_(first_bytes),
      most_bytes_(account == nullptr
                      ? most_bytes
                      : std::max(first_bytes, std::min<std::uint64_t>(
                                                  most_bytes, account->granted.limit_bytes() / kShare))),
      account_(account),
      target_bytes_(first_bytes),
      granted_bytes_(first_bytes) {
  FELIX_ASSERT(first_bytes > 0 && first_bytes <= most_bytes);
  if (account_ != nullptr) charge_ = account_->granted.charge(first_bytes);
}

ReceiveWindow::~ReceiveWindow() {
  if (account_ != nullptr) account_->unread_bytes.fetch_sub(unread_bytes_, std::memory_order_relaxed);
}

void ReceiveWindow::note_received(std::uint64_t bytes) {
  unread_bytes_ += bytes;
  if (account_ != nullptr) account_->unread_bytes.fetch_add(bytes, std::memory_order_relaxed);
}

std::uint64_t ReceiveWindow::trust(MonoTime now) {
  if (std::exchange(trusted_, true)) return 0;
  used_bytes_ = 0;
  used_since_ = now;
  grow_to(std::min(kTrustedBytes, most_bytes_));
  return extension_after(0);
}

std::optional<std::uint64_t> ReceiveWindow::make_room(std::uint64_t bytes) {
  const std::uint64_t free = granted_bytes_ - std::min(granted_bytes_, unread_bytes_);
  if (bytes <= free) return 0;
  const std::uint64_t extension = std::max(bytes - free, least_extension(first_bytes_, first_bytes_));
  const std::uint64_t wanted = std::max(granted_bytes_ + extension, target_bytes_);
  if (account_ != nullptr && !account_->granted.try_resize(charge_, wanted, account_->granted.limit_bytes()))
    return std::nullopt;
  granted_bytes_ += extension;
  return extension;
}

void ReceiveWindow::tune(MonoTime now, Duration rtt) {
  const bool was_short = now - used_since_ <= std::max(kRoundTrips * rtt, kShortTime);
  used_bytes_ = 0;
  used_since_ = now;
  if (account_ != nullptr && account_->pressed()) {
    target_bytes_ = std::max(first_bytes_, target_bytes_ / 2);
  } else if (trusted_ && was_short) {
    grow_to(std::min(2 * target_bytes_, most_bytes_));
  }
}

bool ReceiveWindow::grow_to(std::uint64_t bytes) {
  if (bytes <= target_bytes_) return true;
  if (account_ != nullptr &&
      !account_->granted.try_resize(charge_, std::max(bytes, granted_bytes_), account_->growth_limit_bytes()))
    return false;
  target_bytes_ = bytes;
  return true;
}

std::uint64_t ReceiveWindow::extension_after(std::uint64_t handled_bytes) {
  FELIX_ASSERT(handled_bytes <= unread_bytes_ && handled_bytes <= granted_bytes_);
  unread_bytes_ -= handled_bytes;
  granted_bytes_ -= handled_bytes;
  if (account_ != nullptr && handled_bytes > 0)
    account_->unread_bytes.fetch_sub(handled_bytes, std::memory_order_relaxed);
  std::uint64_t extension = 0;
  if (granted_bytes_ < target_bytes_ &&
      target_bytes_ - granted_bytes_ >= least_extension(first_bytes_, target_bytes_)) {
    extension = target_bytes_ - granted_bytes_;
    granted_bytes_ = target_bytes_;
  }
  recharge();
  return extension;
}

void ReceiveWindow::recharge() {
  const std::uint64_t bytes = std::max(granted_bytes_, target_bytes_);
  if (account_ != nullptr && charge_.bytes() != bytes) account_->granted.resize(charge_, bytes);
}

}  // namespace felix::transport
