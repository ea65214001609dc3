#include "bench/waker.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace felix::bench {

Result<Waker> Waker::create() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0)
    return fail(Errc::storage,
                std::string("no pipe could be made (") + std::strerror(errno) + "); raise `ulimit -n`");
  return Waker(fds[0], fds[1]);
}

Waker::Waker(Waker&& other) noexcept
    : read_fd_(std::exchange(other.read_fd_, -1)), write_fd_(std::exchange(other.write_fd_, -1)) {}

Waker::~Waker() {
  if (read_fd_ >= 0) ::close(read_fd_);
  if (write_fd_ >= 0) ::close(write_fd_);
}

void Waker::ring() const {
  const char byte = 0;
  // A full pipe has a wake-up in it already.
  [[maybe_unused]] const ssize_t written = ::write(write_fd_, &byte, 1);
}

std::unique_ptr<io::Watch> Waker::watch(io::Loop& loop, std::function<void()> on_ring) const {
  return std::make_unique<io::Watch>(loop, read_fd_, io::Watch::readable,
                                     [fd = read_fd_, on_ring = std::move(on_ring)](std::uint32_t) {
                                       char bytes[64];
                                       while (::read(fd, bytes, sizeof bytes) == sizeof bytes) {
                                       }
                                       on_ring();
                                     });
}

}  // namespace felix::bench
