#pragma once
// Where log lines go: a descriptor, written without ever waiting for its reader.

#include <atomic>
#include <cstdint>
#include <string_view>

namespace felix::telemetry {

class LogOutput {
 public:
  explicit LogOutput(int fd);
  ~LogOutput();
  LogOutput(const LogOutput&) = delete;
  LogOutput& operator=(const LogOutput&) = delete;

  // One write(2), whole or counted as dropped. Any thread.
  void write(std::string_view line);
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  // `file` cannot make a writer wait; `non_blocking` is our own description of a pipe or terminal;
  // `socket` and `polled` stay blocking for others: a socket takes a flag per call, the rest is asked whether
  // it would wait, by one thread at a time (a pipe that is ready takes a whole line).
  enum class Kind : std::uint8_t { file, non_blocking, socket, polled };

  long try_write(std::string_view line);
  long write_if_ready(std::string_view line);

  int fd_;
  Kind kind_ = Kind::polled;
  std::atomic_flag busy_;
  std::atomic<bool> torn_{false};
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace felix::telemetry
