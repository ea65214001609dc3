#include "io/signals.h"

#include <atomic>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/contract.h"

namespace felix::io {
namespace {

// What the handler may touch: lock-free atomics only.
std::atomic<int> event_fd{-1};
std::atomic<int> terminated_by{0};  // the first SIGINT or SIGTERM, 0 before
std::atomic<bool> hangup_waits{false};

void tell_loop() {
  const int saved_errno = errno;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(event_fd.load(), &one, sizeof(one));
  errno = saved_errno;
}

void on_termination_signal(int signal) {
  int none = 0;
  if (!terminated_by.compare_exchange_strong(none, signal)) _exit(128 + signal);
  tell_loop();
}

void on_hangup_signal(int) {
  hangup_waits = true;
  tell_loop();
}

}  // namespace

struct Signals::Former {
  std::vector<std::pair<int, struct sigaction>> actions;
};

Signals::Signals(Actions actions) : actions_(std::move(actions)), former_(std::make_unique<Former>()) {}

Result<std::unique_ptr<Signals>> Signals::install(Loop& loop, Actions actions) {
  FELIX_ASSERT(event_fd == -1);
  std::unique_ptr<Signals> signals(new Signals(std::move(actions)));
  signals->fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (signals->fd_ < 0)
    return fail(Errc::internal, std::string("no descriptor for signals: ") + strerror(errno));
  terminated_by = 0;
  hangup_waits = false;
  event_fd = signals->fd_;
  signals->watch_ = std::make_unique<Watch>(loop, signals->fd_, Watch::readable,
                                            [raw = signals.get()](std::uint32_t) { raw->on_ready(); });
  signals->take(SIGINT, on_termination_signal);
  signals->take(SIGTERM, on_termination_signal);
  if (signals->actions_.on_hangup) signals->take(SIGHUP, on_hangup_signal);
  if (signals->actions_.ignore_sigpipe) signals->take(SIGPIPE, SIG_IGN);
  return signals;
}

Signals::~Signals() {
  for (const auto& [signal, action] : former_->actions) sigaction(signal, &action, nullptr);
  watch_.reset();
  if (fd_ >= 0) {
    event_fd = -1;
    close(fd_);
  }
}

void Signals::take(int signal, void (*handler)(int)) {
  struct sigaction action{};
  struct sigaction former{};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  FELIX_ASSERT(sigaction(signal, &action, &former) == 0);
  former_->actions.emplace_back(signal, former);
}

void Signals::on_ready() {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = read(fd_, &count, sizeof(count));
  if (hangup_waits.exchange(false)) actions_.on_hangup();
  // Moved out: the first one only, whatever comes later.
  if (const int signal = terminated_by.load(); signal != 0) {
    if (auto call = std::exchange(actions_.on_terminate, nullptr)) call(signal);
  }
}

}  // namespace felix::io
