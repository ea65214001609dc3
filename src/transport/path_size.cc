#include "transport/path_size.h"

#include <algorithm>
#include <utility>

namespace felix::transport {

void PathSize::check(MonoTime now, std::size_t proven) {
  if (marked() && std::exchange(progressed_, false)) {
    mark_.due = now + mark_.patience;
    sent_ = 0;
  }
  if (marked() && state_ != State::doubting && sent_ >= kPacketsLost && now >= mark_.due)
    note_lost(now, proven);
  if (state_ == State::holding && now >= retry_at_) try_next_size();
}

void PathSize::note_lost(MonoTime now, std::size_t proven) {
  if (state_ == State::trying && climbing_) {
    mark_ = {};
    state_ = State::holding;
    limit_ = safe_;
    above_ = kSmallestPacket;
    retry_at_ = now + retry_after_;
    retry_after_ = std::min(retry_after_ * 2, kLastRetry);
    return;
  }
  const Mark unheard = mark_;
  const bool again = state_ != State::sure;
  doubt(again ? proven_ : proven);
  climbing_ = again;
  mark_ = unheard;  // what it carried goes in small packets now
}

void PathSize::doubt(std::size_t proven) {
  state_ = State::doubting;
  climbing_ = false;
  limit_ = safe_ = kSmallestPacket;
  above_ = kSmallestPacket;
  proven_ = proven;
  mark_ = {};
}

void PathSize::on_delivered() {
  mark_ = {};
  switch (state_) {
    case State::sure:
    case State::holding:
      return;
    case State::doubting:
      return climbing_ ? try_next_size() : try_up_to(proven_);
    case State::trying:
      safe_ = limit_;
      return try_next_size();
  }
}

void PathSize::try_next_size() {
  const auto* next = std::ranges::upper_bound(kProbeSizes, safe_);
  try_up_to(next == kProbeSizes.end() ? proven_ : std::min<std::size_t>(*next, proven_));
}

void PathSize::try_up_to(std::size_t size) {
  mark_ = {};
  if (safe_ >= proven_) {
    *this = PathSize();
    return;
  }
  state_ = State::trying;
  limit_ = size;
  above_ = safe_;
}

}  // namespace felix::transport
