#include "io/loop.h"

#include <algorithm>
#include <array>
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

#include "base/contract.h"
#include "io/epoll_wait.h"
#include "io/timers.h"

namespace felix::io {
namespace {

constexpr std::size_t kEventsPerTurn = 128;

// Watch events are EPOLLIN and EPOLLOUT under names of ours.
std::uint32_t to_epoll(std::uint32_t events) {
  return ((events & Watch::readable) != 0 ? std::uint32_t{EPOLLIN} : 0u) |
         ((events & Watch::writable) != 0 ? std::uint32_t{EPOLLOUT} : 0u);
}
std::uint32_t from_epoll(std::uint32_t events) {
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) return Watch::readable | Watch::writable | Watch::broken;
  return ((events & EPOLLIN) != 0 ? std::uint32_t{Watch::readable} : 0u) |
         ((events & EPOLLOUT) != 0 ? std::uint32_t{Watch::writable} : 0u);
}

}  // namespace

Timer::Timer(Loop& loop, std::function<void()> on_due) : loop_(loop), on_due_(std::move(on_due)) {}
Timer::~Timer() { loop_.timers_->forget(*this); }
void Timer::arm(MonoTime deadline) { loop_.timers_->set(*this, deadline); }

Watch::Watch(Loop& loop, int fd, std::uint32_t events, std::function<void(std::uint32_t)> on_ready)
    : loop_(loop), fd_(fd), events_(0), on_ready_(std::move(on_ready)) {
  ++loop_.watches_;
  set_events(events);
}

Watch::~Watch() {
  set_events(0);
  --loop_.watches_;
  for (Loop::Ready& ready : loop_.ready_) {
    if (ready.watch == this) ready.watch = nullptr;
  }
}

void Watch::set_events(std::uint32_t events) {
  if (events == events_) return;
  epoll_event event{};
  event.events = to_epoll(events);
  event.data.ptr = this;
  // A watch without interest is not registered at all: epoll would report its hang-up for ever.
  const int operation = events == 0 ? EPOLL_CTL_DEL : events_ == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  const int refused = epoll_ctl(loop_.epoll_fd_, operation, fd_, &event);
  FELIX_ASSERT(refused == 0);
  events_ = events;
}

bool can_watch(int fd) {
  const int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};
  const bool accepted = epoll_fd >= 0 && epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
  if (epoll_fd >= 0) close(epoll_fd);
  return accepted;
}

Loop::Loop(const Clock& clock) : clock_(clock), now_(clock.now()), timers_(std::make_unique<Timers>()) {}

Result<std::unique_ptr<Loop>> Loop::create(const Clock& clock) {
  std::unique_ptr<Loop> loop(new Loop(clock));
  loop->epoll_fd_ = epoll_create1(EPOLL_CLOEXEC);
  loop->wake_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;  // marks the wake-up descriptor
  if (loop->epoll_fd_ < 0 || loop->wake_fd_ < 0 ||
      epoll_ctl(loop->epoll_fd_, EPOLL_CTL_ADD, loop->wake_fd_, &event) != 0) {
    return fail(Errc::internal, std::string("no event loop: ") + strerror(errno) +
                                    "; raise the limit of open files (ulimit -n)");
  }
  return loop;
}

Loop::~Loop() {
  FELIX_ASSERT(timers_->empty());
  FELIX_ASSERT(watches_ == 0);
  if (epoll_fd_ >= 0) close(epoll_fd_);
  if (wake_fd_ >= 0) close(wake_fd_);
}

void Loop::run() {
  while (!stopping()) turn(kNever);
}

bool Loop::run_until(const std::function<bool()>& done, MonoTime deadline) {
  for (;;) {
    if (done()) return true;
    if (stopping() || clock_.now() >= deadline) return false;
    turn(deadline);
  }
}

void Loop::turn(MonoTime deadline) {
  FELIX_ASSERT(!in_turn_);
  in_turn_ = true;
  wait(deadline);
  now_ = clock_.now();
  timers_->fire_due(now_);
  dispatch();
  more_ = run_hooks();
  in_turn_ = false;
}

void Loop::wait(MonoTime deadline) {
  Duration timeout = Duration::zero();
  if (!more_ && !busy_poll_) {
    // Whoever posts after this store sees it and wakes us; what was posted before, the hooks see now. One
    // order of all seq_cst operations makes a third case impossible.
    sleeping_.store(true, std::memory_order_seq_cst);
    if (!run_hooks() && !stopping()) {
      const MonoTime until = std::min(deadline, timers_->earliest());
      timeout = until == kNever ? Duration(-1) : std::max(until - clock_.now(), Duration::zero());
    }
  }
  std::array<epoll_event, kEventsPerTurn> events;
  const std::size_t count = wait_for_events(epoll_fd_, events, timeout, sleep_unit_);
  sleeping_.store(false, std::memory_order_seq_cst);
  for (std::size_t i = 0; i < count; ++i) {
    if (events[i].data.ptr == nullptr) {
      take_wake_up();
    } else {
      ready_.push_back({static_cast<Watch*>(events[i].data.ptr), from_epoll(events[i].events)});
    }
  }
}

void Loop::dispatch() {
  for (std::size_t i = 0; i < ready_.size(); ++i) {
    Watch* watch = ready_[i].watch;
    if (watch == nullptr) continue;
    // Events that an earlier callback of this turn lost interest in are not delivered.
    const std::uint32_t events = ready_[i].events & watch->events_;
    if (events == 0) continue;
    // Held here while it runs: the callback may destroy its Watch, and with it its own captures.
    std::function<void(std::uint32_t)> call = std::move(watch->on_ready_);
    call(ready_[i].events);
    if (ready_[i].watch != nullptr) watch->on_ready_ = std::move(call);
  }
  ready_.clear();
}

bool Loop::run_hooks() {
  bool more = false;
  for (std::size_t i = 0; i < hooks_.size(); ++i) {  // a hook may add others
    Hook& hook = *hooks_[i];
    if (!hook.over) more |= hook.call();
  }
  std::erase_if(hooks_, [](const auto& hook) { return hook->over; });
  return more;
}

void Loop::stop() {
  stopping_.store(true, std::memory_order_seq_cst);
  wake();
}

void Loop::wake() {
  // One unread wake-up is enough.
  if (wake_pending_.exchange(true, std::memory_order_seq_cst)) return;
  const int saved_errno = errno;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_fd_, &one, sizeof(one));
  errno = saved_errno;
}

void Loop::take_wake_up() {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = read(wake_fd_, &count, sizeof(count));
  // Cleared after the read: a wake() in between writes nothing, and is answered by this turn.
  wake_pending_.exchange(false, std::memory_order_seq_cst);
}

void Loop::at_end_of_turn(std::function<bool()> hook) {
  hooks_.push_back(std::make_unique<Hook>(std::move(hook)));
}

EndOfTurn::EndOfTurn(Loop& loop, std::function<bool()> hook)
    : hook_(*loop.hooks_.emplace_back(std::make_unique<Loop::Hook>(std::move(hook)))) {}

}  // namespace felix::io
