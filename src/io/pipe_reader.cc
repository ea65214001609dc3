#include "io/pipe_reader.h"

#include <errno.h>
#include <string.h>
#include <string>
#include <unistd.h>
#include <utility>

namespace felix::io {

PipeReader::PipeReader(Loop& loop, int fd, std::size_t chunk_bytes, std::function<void(Bytes)> on_chunk,
                       std::function<void(Status)> on_end)
    : fd_(fd),
      chunk_(chunk_bytes),
      on_chunk_(std::move(on_chunk)),
      on_end_(std::move(on_end)),
      next_turn_(loop, [this] { read_chunk(); }) {
  if (can_watch(fd)) watch_.emplace(loop, fd, 0, [this](std::uint32_t) { read_chunk(); });
  update_interest();
}

void PipeReader::pause() {
  paused_ = true;
  update_interest();
}

void PipeReader::resume() {
  paused_ = false;
  update_interest();
}

void PipeReader::update_interest() {
  const bool wanted = !paused_ && !ended_;
  if (watch_) {
    watch_->set_events(wanted ? std::uint32_t{Watch::readable} : 0);
  } else {
    next_turn_.arm(wanted ? MonoTime() : kNever);
  }
}

void PipeReader::read_chunk() {
  // One read for one report of readiness: it does not wait even on a blocking descriptor.
  const ssize_t got = read(fd_, chunk_.data(), chunk_.size());
  const int reason = errno;
  if (got > 0) {
    on_chunk_(Bytes(chunk_).first(static_cast<std::size_t>(got)));
  } else if (got == 0 || (reason != EAGAIN && reason != EINTR)) {
    ended_ = true;
  }
  update_interest();
  if (!ended_) return;
  if (got == 0) {
    on_end_({});
  } else {
    on_end_(fail(Errc::storage, std::string("cannot read the input: ") + strerror(reason)));
  }
}

}  // namespace felix::io
