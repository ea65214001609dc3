#include "telemetry/log_output.h"

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace felix::telemetry {
namespace {

constexpr int kMaxSpins = 100'000;

long write_once(int fd, std::string_view line) {
  long written = 0;
  do {
    written = ::write(fd, line.data(), line.size());
  } while (written < 0 && errno == EINTR);
  return written;
}

}  // namespace

LogOutput::LogOutput(int fd) : fd_(fd) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return;
  if (S_ISSOCK(status.st_mode)) {
    kind_ = Kind::socket;
  } else if (S_ISREG(status.st_mode)) {
    kind_ = Kind::file;
  } else {
    // O_NONBLOCK belongs to the open file description, which others (the shell, a sibling) share: a
    // description of our own leaves theirs alone.
    const std::string path = "/proc/self/fd/" + std::to_string(fd);
    const int own = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (own < 0) return;
    fd_ = own;
    kind_ = Kind::non_blocking;
  }
}

LogOutput::~LogOutput() {
  if (kind_ == Kind::non_blocking) ::close(fd_);
}

long LogOutput::try_write(std::string_view line) {
  if (kind_ == Kind::socket) return ::send(fd_, line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return kind_ == Kind::polled ? write_if_ready(line) : write_once(fd_, line);
}

long LogOutput::write_if_ready(std::string_view line) {
  // The holder is between two system calls that do not wait; giving up costs a line, which is counted.
  for (int spins = 0; busy_.test_and_set(std::memory_order_acquire); ++spins)
    if (spins == kMaxSpins) return -1;
  pollfd ask{fd_, POLLOUT, 0};
  const bool ready = ::poll(&ask, 1, 0) == 1 && (ask.revents & POLLOUT) != 0;
  const long written = ready ? write_once(fd_, line) : -1;
  busy_.clear(std::memory_order_release);
  return written;
}

void LogOutput::write(std::string_view line) {
  // A terminal or socket may take part of a line: the next one starts on a line of its own.
  if (torn_.exchange(false, std::memory_order_relaxed) && try_write("\n") != 1)
    torn_.store(true, std::memory_order_relaxed);
  const long written = try_write(line);
  if (written == static_cast<long>(line.size())) return;
  dropped_.fetch_add(1, std::memory_order_relaxed);
  if (written > 0) torn_.store(true, std::memory_order_relaxed);
}

}  // namespace felix::telemetry
