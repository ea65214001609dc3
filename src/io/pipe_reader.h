#pragma once
// Reads a descriptor (standard input, a file) to its end on a Loop, one bounded chunk at a time.

#include <functional>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "io/loop.h"

namespace felix::io {

class PipeReader {
 public:
  // `fd` stays the caller's, and its flags stay as they are: standard input is shared with other processes.
  // `on_chunk` gets at most `chunk_bytes` at a time, valid during the call; `on_end` comes once, with the end
  // of the input or the error (storage) that ended it. Both run on the loop's thread, never from the
  // constructor, and may pause the reader but not destroy it.
  PipeReader(Loop& loop, int fd, std::size_t chunk_bytes, std::function<void(Bytes)> on_chunk,
             std::function<void(Status)> on_end);

  // Stops reading after the current chunk, until resume().
  void pause();
  void resume();
  bool paused() const { return paused_; }
  bool ended() const { return ended_; }

 private:
  void read_chunk();
  void update_interest();

  int fd_;
  std::vector<std::byte> chunk_;
  std::function<void(Bytes)> on_chunk_;
  std::function<void(Status)> on_end_;
  bool paused_ = false;
  bool ended_ = false;
  // A descriptor that epoll takes is watched; any other never makes a read wait, and is read once a turn.
  std::optional<Watch> watch_;
  Timer next_turn_;
};

}  // namespace felix::io
