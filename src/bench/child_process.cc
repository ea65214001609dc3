#include "bench/child_process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"

namespace felix::bench {
namespace {

void write_all(int fd, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return;  // nobody listens any more
    if (written > 0) bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

std::vector<std::byte> read_all(int fd) {
  std::vector<std::byte> all;
  std::array<std::byte, 16384> part{};
  for (;;) {
    const ssize_t got = ::read(fd, part.data(), part.size());
    if (got == 0 || (got < 0 && errno != EINTR)) return all;
    if (got > 0) all.insert(all.end(), part.begin(), part.begin() + got);
  }
}

}  // namespace

Result<ChildProcess> start_child(const std::function<std::vector<std::byte>()>& work) {
  int fds[2];
  const bool piped = ::pipe2(fds, O_CLOEXEC) == 0;
  const pid_t parent = ::getpid();
  const pid_t pid = piped ? ::fork() : -1;
  if (pid < 0) {
    const std::string why = std::strerror(errno);
    if (piped) (::close(fds[0]), ::close(fds[1]));
    return fail(Errc::unavailable, "a client process could not be started (" + why + "); ask for fewer");
  }
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    ::close(fds[0]);
    write_all(fds[1], work());
    ::_exit(0);
  }
  ::close(fds[1]);
  return ChildProcess{pid, fds[0]};
}

std::vector<std::byte> hear_child(const ChildProcess& child) {
  std::vector<std::byte> told = read_all(child.told_fd);
  ::close(child.told_fd);
  ::waitpid(child.pid, nullptr, 0);
  return told;
}

}  // namespace felix::bench
