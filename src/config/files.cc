#include "config/files.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace felix::config {
namespace {

std::unexpected<Error> system_error(const std::string& what, int code) {
  return fail(code == ENOENT ? Errc::not_found : Errc::storage, what + ": " + std::strerror(code));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Status make_directories(const std::filesystem::path& directory) {
  std::filesystem::path so_far;
  for (const auto& part : directory) {
    so_far /= part;
    if (::mkdir(so_far.c_str(), 0700) == 0 || errno == EEXIST) continue;
    // A parent may exist and not be ours to write.
    if (std::error_code ignored; std::filesystem::is_directory(so_far, ignored)) continue;
    return fail(Errc::storage, "creating directory " + so_far.string() + ": " + std::strerror(errno));
  }
  return {};
}

Status write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(Errc::storage, "writing " + path + ": " + std::strerror(errno));
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Result<std::string> read_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return system_error("opening " + path, errno);
  std::string text;
  char block[16 * 1024];
  for (;;) {
    const ssize_t count = ::read(file.get(), block, sizeof block);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("reading " + path, errno);
    if (count == 0) return text;
    text.append(block, static_cast<std::size_t>(count));
    if (text.size() > kMaxFileBytes)
      return fail(Errc::too_large, path + " has more than " + std::to_string(kMaxFileBytes) + " bytes");
  }
}

Status write_private_file(const std::string& path, std::string_view text) {
  FELIX_CHECK(make_directories(std::filesystem::path(path).parent_path()));
  std::string aside = path + ".XXXXXX";
  const Descriptor file(::mkostemp(aside.data(), O_CLOEXEC));  // mode 0600
  if (file.get() < 0) return fail(Errc::storage, "creating " + path + ": " + std::strerror(errno));
  Status written = write_all(file.get(), text, path);
  if (written && ::fsync(file.get()) != 0)
    written = fail(Errc::storage, "writing " + path + ": " + std::strerror(errno));
  if (written && ::rename(aside.c_str(), path.c_str()) != 0)
    written = fail(Errc::storage, "replacing " + path + ": " + std::strerror(errno));
  if (!written) ::unlink(aside.c_str());
  return written;
}

}  // namespace felix::config
