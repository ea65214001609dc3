// A share of the crew in a process of its own: forked, tells its outcomes through a pipe, ends.

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/crew.h"
#include "bench/outcome_bytes.h"

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

Result<Crew::Process> Crew::fork_process(const Share& share) {
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
    work_and_tell(share, fds[1]);
  }
  ::close(fds[1]);
  return Process{share, pid, fds[0]};
}

void Crew::work_and_tell(const Share& share, int outcomes_fd) {
  work(share);
  std::vector<std::byte> bytes;
  if (share.publisher) {
    append_outcome(bytes, publishers_[share.first]);
  } else {
    for (std::size_t i = share.first; i < subscribers_.size(); i += share.step)
      append_outcome(bytes, subscribers_[i]);
  }
  write_all(outcomes_fd, bytes);
  // Without destructors: everything else belongs to the parent.
  ::_exit(0);
}

void Crew::hear(const Process& process) {
  const std::vector<std::byte> told = read_all(process.outcomes_fd);
  ::close(process.outcomes_fd);
  ::waitpid(process.pid, nullptr, 0);
  Bytes bytes = told;
  const Error died{Errc::connection_lost, "a client process ended before it told what it saw"};
  if (process.share.publisher) {
    auto outcome = take_publisher_outcome(bytes);
    if (!outcome) return fail_share(process.share, died);
    publishers_[process.share.first] = std::move(*outcome);
    return;
  }
  for (std::size_t i = process.share.first; i < subscribers_.size(); i += process.share.step) {
    auto outcome = take_subscriber_outcome(bytes);
    if (!outcome) return fail_share(process.share, died);
    subscribers_[i] = std::move(*outcome);
  }
}

}  // namespace felix::bench
