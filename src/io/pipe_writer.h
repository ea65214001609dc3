#pragma once
// Writes to a descriptor (standard output) on a Loop without ever waiting for its reader. Never signals:
// install Signals with ignore_sigpipe.

#include <cstdint>
#include <functional>
#include <optional>

#include "base/bytes.h"
#include "base/error.h"
#include "base/ring.h"
#include "io/loop.h"

namespace felix::io {

class PipeWriter {
 public:
  enum class State : std::uint8_t {
    open,
    reader_gone,  // nobody reads any more (EPIPE): an outcome, rarely an error
    failed,       // error() says why
  };

  // `fd` stays the caller's, and its flags stay as they are: standard output is shared with other processes.
  // `on_change` comes when the queue falls to half of `bound_bytes` after has_room() was false, when it is
  // empty, and when the state leaves `open`. It runs on the
  // loop's thread, never from write(), and may not destroy the writer.
  PipeWriter(Loop& loop, int fd, std::size_t bound_bytes, std::function<void()> on_change);

  // Queues a copy, to be written from the next turn on. Never refuses: callers look at has_room() first.
  // Ignored once the state is not `open`.
  void write(Bytes bytes);
  bool has_room() const { return queued_bytes_ < bound_bytes_; }
  std::size_t queued_bytes() const { return queued_bytes_; }

  State state() const { return state_; }
  // Why the state is `failed` (storage).
  const Error& error() const { return error_; }

 private:
  using Block = std::vector<std::byte>;
  void write_some();
  bool write_block();
  void close(State state, int reason);
  void update_interest();

  int fd_;
  std::size_t bound_bytes_;
  std::function<void()> on_change_;
  Ring<Block> blocks_;
  std::size_t front_written_bytes_ = 0;
  std::size_t queued_bytes_ = 0;
  bool was_full_ = false;
  State state_ = State::open;
  Error error_;
  std::optional<Watch> watch_;  // absent where epoll is refused: such a descriptor never makes a write wait
  Timer next_turn_;
};

}  // namespace felix::io
