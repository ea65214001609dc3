#pragma once
// Signals as events of a Loop. The handler is process-wide, so there is at most one Signals at a time.

#include <functional>
#include <memory>

#include "base/error.h"
#include "io/loop.h"

namespace felix::io {

class Signals {
 public:
  struct Actions {
    // The first SIGINT or SIGTERM, with its number. A second one of either ends the process at once with
    // 128 + its number, whatever the loop is doing.
    std::function<void(int signal)> on_terminate;
    // Each SIGHUP. Without it SIGHUP keeps the action it had.
    std::function<void()> on_hangup;
    // Writing to a pipe nobody reads then fails with EPIPE instead of ending the process.
    bool ignore_sigpipe = true;
  };

  // The actions run on the loop's thread.
  static Result<std::unique_ptr<Signals>> install(Loop& loop, Actions actions);
  // Puts the former actions of the signals back.
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  explicit Signals(Actions actions);
  struct Former;
  void take(int signal, void (*handler)(int));
  void on_ready();

  Actions actions_;
  std::unique_ptr<Former> former_;
  int fd_ = -1;
  std::unique_ptr<Watch> watch_;
};

}  // namespace felix::io
