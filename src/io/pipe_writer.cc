#include "io/pipe_writer.h"

#include <algorithm>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <string>
#include <unistd.h>
#include <utility>

#include <limits.h>

namespace felix::io {
namespace {

constexpr std::size_t kBlockBytes = 64 << 10;
// Bound of the work of one turn, so that the network gets its share.
constexpr std::size_t kBytesPerTurn = 1 << 20;

}  // namespace

PipeWriter::PipeWriter(Loop& loop, int fd, std::size_t bound_bytes, std::function<void()> on_change)
    : fd_(fd),
      bound_bytes_(bound_bytes),
      on_change_(std::move(on_change)),
      next_turn_(loop, [this] { write_some(); }) {
  // Also while nothing is queued: a reader that goes away is then noticed at once.
  if (can_watch(fd)) watch_.emplace(loop, fd, Watch::broken, [this](std::uint32_t) { write_some(); });
}

void PipeWriter::write(Bytes bytes) {
  if (state_ != State::open || bytes.empty()) return;
  if (queued_bytes_ == 0) next_turn_.arm(MonoTime());
  queued_bytes_ += bytes.size();
  was_full_ = was_full_ || !has_room();
  while (!bytes.empty()) {
    if (blocks_.empty() || blocks_.back().size() == kBlockBytes) {
      blocks_.push_back({});
      blocks_.back().reserve(kBlockBytes);
    }
    Block& block = blocks_.back();
    const Bytes part = bytes.first(std::min(bytes.size(), kBlockBytes - block.size()));
    block.insert(block.end(), part.begin(), part.end());
    bytes = bytes.subspan(part.size());
  }
}

void PipeWriter::write_some() {
  const std::size_t before = queued_bytes_;
  if (watch_) {
    pollfd state{.fd = fd_, .events = POLLOUT, .revents = 0};
    // A blocking pipe that can be written takes PIPE_BUF bytes without waiting; asked again after each such
    // part.
    while (before - queued_bytes_ < kBytesPerTurn && poll(&state, 1, 0) > 0) {
      if ((state.revents & (POLLERR | POLLHUP)) != 0 && queued_bytes_ == 0) close(State::reader_gone, EPIPE);
      if (!write_block()) break;
    }
  } else {
    while (before - queued_bytes_ < kBytesPerTurn && write_block()) {
    }
  }
  if (state_ == State::open) update_interest();
  const bool has_room_again = was_full_ && queued_bytes_ <= bound_bytes_ / 2;
  if (has_room_again) was_full_ = false;
  if (has_room_again || (queued_bytes_ == 0 && before > 0) || state_ != State::open) on_change_();
}

// Writes part of the first block; false when there is nothing more to do now.
bool PipeWriter::write_block() {
  if (state_ != State::open || queued_bytes_ == 0) return false;
  Bytes part = Bytes(blocks_.front()).subspan(front_written_bytes_);
  if (watch_) part = part.first(std::min<std::size_t>(part.size(), PIPE_BUF));
  const ssize_t written = ::write(fd_, part.data(), part.size());
  if (written < 0) {
    if (errno == EINTR) return true;
    if (errno != EAGAIN) close(errno == EPIPE ? State::reader_gone : State::failed, errno);
    return false;
  }
  queued_bytes_ -= static_cast<std::size_t>(written);
  front_written_bytes_ += static_cast<std::size_t>(written);
  if (front_written_bytes_ == blocks_.front().size()) {
    blocks_.pop_front();
    front_written_bytes_ = 0;
  }
  return true;
}

void PipeWriter::close(State state, int reason) {
  state_ = state;
  error_ = Error{Errc::storage, std::string("cannot write the output: ") + strerror(reason)};
  blocks_.clear();
  queued_bytes_ = front_written_bytes_ = 0;
  next_turn_.disarm();
  if (watch_) watch_->set_events(0);
}

void PipeWriter::update_interest() {
  if (watch_) {
    watch_->set_events(queued_bytes_ > 0 ? Watch::writable : Watch::broken);
  } else if (queued_bytes_ > 0) {
    next_turn_.arm(MonoTime());
  }
}

}  // namespace felix::io
