#include "felix/standard_streams.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <unistd.h>

namespace felix::command {
namespace {

int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd wait{fd, POLLOUT, 0};
      ::poll(&wait, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

void claim_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) != -1) continue;
    // The lowest free number is `fd`, as those below it are open by now. The wrong direction keeps its use an
    // error.
    const int way = fd == STDIN_FILENO ? O_WRONLY : fd == STDOUT_FILENO ? O_RDONLY : O_RDWR;
    [[maybe_unused]] const int opened = ::open("/dev/null", way);
  }
}

Status write_output(std::string_view text) {
  const int error_number = write_all(STDOUT_FILENO, text);
  if (error_number == 0 || error_number == EPIPE) return {};
  return fail(Errc::storage, "cannot write standard output (" + std::string(std::strerror(error_number)) +
                                 "); give it a file with room or a reader");
}

void say(std::string_view line) {
  std::string text(line);
  text += '\n';
  write_all(STDERR_FILENO, text);
}

void show_progress(std::string_view text) {
  std::string line = "\r\x1b[K";
  line.append(text).append("\r");
  write_all(STDERR_FILENO, line);
}

Result<std::string> read_input(std::size_t max_bytes) {
  std::string input;
  constexpr std::size_t kChunkBytes = 64 << 10;
  while (input.size() <= max_bytes) {
    const std::size_t had = input.size();
    input.resize(had + kChunkBytes);
    const ssize_t got = ::read(STDIN_FILENO, input.data() + had, kChunkBytes);
    input.resize(had + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) return input;
    if (got < 0 && errno != EINTR)
      return fail(Errc::storage, "cannot read standard input (" + std::string(std::strerror(errno)) +
                                     "); give it a file or a pipe");
  }
  return fail(Errc::too_large, "standard input has more than " + std::to_string(max_bytes) +
                                   " bytes, the most one value may have; give it less");
}

bool is_terminal(int fd) { return ::isatty(fd) == 1; }

}  // namespace felix::command
