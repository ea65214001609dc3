#include "io/file.h"

#include <algorithm>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <stdlib.h>

#include "io/file_error.h"

namespace felix::io {
namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  // Delayed write errors surface here.
  bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

bool write_all(int fd, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

bool sync_directory(const std::string& path) {
  const FileDescriptor directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Some file systems cannot sync a directory and say EINVAL; there is nothing better to do on them.
  return directory.get() >= 0 && (fsync(directory.get()) == 0 || errno == EINVAL);
}

bool is_directory(const std::string& path) {
  struct stat found{};
  return stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return file_error("read", path, errno);
  constexpr std::size_t kChunkBytes = 16 << 10;
  std::string content;
  for (;;) {
    // One byte more than allowed is asked for: its arrival is how "too long" is noticed.
    const std::size_t have = content.size();
    const std::size_t wanted = std::min(std::max(kChunkBytes, have), max_bytes - have + 1);
    content.resize(have + wanted);
    const ssize_t got = read(file.get(), content.data() + have, wanted);
    if (got < 0 && errno != EINTR) return file_error("read", path, errno);
    content.resize(have + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) return content;
    if (content.size() > max_bytes) {
      return fail(Errc::too_large, "'" + path + "' is longer than " + std::to_string(max_bytes) +
                                       " bytes; is it the right file?");
    }
  }
}

Status write_file_atomically(const std::string& path, Bytes bytes, mode_t mode) {
  std::string temporary = path + ".XXXXXX";
  FileDescriptor file(mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) return file_error("write", path, errno);
  if (!write_all(file.get(), bytes) || fchmod(file.get(), mode) != 0 || fsync(file.get()) != 0 ||
      !file.close() || rename(temporary.c_str(), path.c_str()) != 0) {
    const int reason = errno;
    unlink(temporary.c_str());
    return file_error("write", path, reason);
  }
  if (!sync_directory(directory_of(path))) return file_error("sync the directory of", path, errno);
  return {};
}

Status make_directories(const std::string& path, mode_t mode) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (mkdir(part.c_str(), mode) != 0) {
      const int reason = errno;
      if (!is_directory(part))
        return file_error("create directory", part, reason == EEXIST ? ENOTDIR : reason);
    }
    if (end == std::string::npos) return {};
  }
}

}  // namespace felix::io
