#include "crypto/pem_file.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace felix::crypto {
namespace {

constexpr std::size_t kMaxPemBytes = 1 << 20;

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

std::string system_text(int error) { return std::generic_category().message(error); }

std::unexpected<Error> file_failure(const std::string& path, const char* doing, int error) {
  return fail(Errc::storage, path + ": cannot " + doing + ": " + system_text(error));
}

Status write_all(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return file_failure(path, "write", errno);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(fd) != 0) return file_failure(path, "sync", errno);
  return {};
}

Status sync_directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const FileDescriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0 || ::fsync(fd.get()) != 0) return file_failure(directory, "sync", errno);
  return {};
}

}  // namespace

Result<Pem> read_pem_file(const std::string& path) {
  const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) {
    if (errno == ENOENT || errno == ENOTDIR)
      return fail(Errc::not_found, path + ": no such file; check the path");
    if (errno == EACCES)
      return fail(Errc::storage, path + ": permission denied; make it readable for the user that runs felix");
    return file_failure(path, "open", errno);
  }
  std::string text;
  char block[4096];
  for (;;) {
    const ssize_t count = ::read(fd.get(), block, sizeof block);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return file_failure(path, "read", errno);
    if (count == 0) return Pem{std::move(text), path};
    text.append(block, static_cast<std::size_t>(count));
    if (text.size() > kMaxPemBytes)
      return fail(Errc::too_large, path + ": over 1 MiB, so it is no PEM file of ours");
  }
}

Status write_private_file(const std::string& path, std::string_view content) {
  const std::string beside = path + ".new";
  ::unlink(beside.c_str());  // left by an interrupted write
  Status status;
  {
    const FileDescriptor fd(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (fd.get() < 0) return file_failure(beside, "create", errno);
    status = write_all(fd.get(), content, beside);
  }
  if (status && std::rename(beside.c_str(), path.c_str()) != 0) status = file_failure(path, "replace", errno);
  if (!status) {
    ::unlink(beside.c_str());
    return status;
  }
  return sync_directory_of(path);
}

}  // namespace felix::crypto
