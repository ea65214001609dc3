#pragma once
// An epoll loop: file descriptors, deadlines, and a hook at the end of each turn. It lives on one thread;
// wake() and stop() alone may be called from others (and from signal handlers).
//
// A turn is: sleep until the next deadline or event · due timers · ready descriptors · end-of-turn hooks in
// the order they were added. now() is read once per turn.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "io/clock.h"

namespace felix::io {

class Loop;
enum class SleepUnit : unsigned char;

// A re-armable deadline. Disarmed by its destructor. The Loop must outlive it.
class Timer {
 public:
  Timer(Loop& loop, std::function<void()> on_due);
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer();

  // Replaces an earlier deadline; kNever disarms. A deadline in the past is due in the next turn.
  void arm(MonoTime deadline);
  void disarm() { arm(kNever); }
  MonoTime deadline() const { return deadline_; }

 private:
  friend class Loop;
  Loop& loop_;
  std::function<void()> on_due_;
  MonoTime deadline_ = kNever;
  std::size_t heap_index_ = SIZE_MAX;  // place among the armed
  std::size_t due_index_ = SIZE_MAX;   // place among those that fire in this turn
};

// Interest in one descriptor, which stays the caller's and is closed after the Watch has ended. Ended by its
// destructor, even inside its own callback. Not for regular files, which epoll refuses.
class Watch {
 public:
  enum Events : std::uint32_t { readable = 1, writable = 2, broken = 4 };

  // `on_ready` gets the ready Events. Errors and hang-ups are reported as all three; `broken` alone waits for
  // nothing else.
  Watch(Loop& loop, int fd, std::uint32_t events, std::function<void(std::uint32_t)> on_ready);
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch();

  // 0 pauses the watch.
  void set_events(std::uint32_t events);

 private:
  friend class Loop;
  Loop& loop_;
  int fd_;
  std::uint32_t events_;
  std::function<void(std::uint32_t)> on_ready_;
};

// Whether a Watch can be had on `fd`: pipes, sockets and terminals yes, regular files and /dev/null no (their
// reads and writes never wait).
bool can_watch(int fd);

class Loop {
 public:
  static Result<std::unique_ptr<Loop>> create(const Clock& clock);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  const Clock& clock() const { return clock_; }
  // Time at the start of this turn.
  MonoTime now() const { return now_; }

  // Runs turns until stop().
  void run();
  // One turn; sleeps at most until `deadline`.
  void turn(MonoTime deadline);
  // Turns until `done()` is true, `deadline` has passed or stop() was called; true when done.
  bool run_until(const std::function<bool()>& done, MonoTime deadline);

  // Ends run() and run_until() after the current turn, for good. Any thread, async-signal-safe.
  void stop();
  bool stopping() const { return stopping_.load(std::memory_order_relaxed); }
  // Ends the current sleep. Any thread, async-signal-safe.
  void wake();
  // True while the loop sleeps or is about to: a mailbox writes its eventfd only then.
  bool sleeping() const { return sleeping_.load(std::memory_order_seq_cst); }
  // Runs at the end of each turn and once more on the way to a sleep, when others already know that this loop
  // sleeps; returns true when it has more to do, and then the loop does not sleep. A hook that drains a
  // mailbox answers `!mailbox.empty()`. Hooks live as long as the loop; see EndOfTurn for others.
  void at_end_of_turn(std::function<bool()> hook);
  // Never sleeps: trades a CPU for the wake-up of a sleeping one.
  void set_busy_poll(bool on) { busy_poll_ = on; }

 private:
  friend class Timer;
  friend class Watch;
  friend class EndOfTurn;
  struct Timers;
  struct Hook {
    std::function<bool()> call;
    bool over = false;
  };
  // A watch with events in this turn, nulled when it is destroyed meanwhile.
  struct Ready {
    Watch* watch;
    std::uint32_t events;
  };
  explicit Loop(const Clock& clock);
  void wait(MonoTime deadline);
  void dispatch();
  bool run_hooks();
  void take_wake_up();

  const Clock& clock_;
  MonoTime now_;
  int epoll_fd_ = -1;
  int wake_fd_ = -1;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> sleeping_{false};
  std::atomic<bool> wake_pending_{false};
  bool busy_poll_ = false;
  bool in_turn_ = false;
  bool more_ = false;  // a hook has more to do
  SleepUnit sleep_unit_{};
  std::size_t watches_ = 0;
  std::unique_ptr<Timers> timers_;
  std::vector<std::unique_ptr<Hook>> hooks_;
  std::vector<Ready> ready_;
};

// A hook of Loop::at_end_of_turn that ends with this object, even inside its own call. The Loop must outlive
// it.
class EndOfTurn {
 public:
  EndOfTurn(Loop& loop, std::function<bool()> hook);
  EndOfTurn(const EndOfTurn&) = delete;
  EndOfTurn& operator=(const EndOfTurn&) = delete;
  ~EndOfTurn() { hook_.over = true; }

 private:
  Loop::Hook& hook_;
};

}  // namespace felix::io
