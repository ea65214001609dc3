#include "io/disk.h"

#include <algorithm>
#include <array>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <dirent.h>
#include <stdio.h>

#include "io/file.h"
#include "io/file_error.h"

namespace felix::io {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kDirectoryMode = 0700;
constexpr std::size_t kPartsAtOnce = 256;

class SystemFile final : public DiskFile {
 public:
  SystemFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  SystemFile(const SystemFile&) = delete;
  SystemFile& operator=(const SystemFile&) = delete;
  ~SystemFile() override { ::close(fd_); }

  Status write(std::span<const Bytes> parts, std::uint64_t position) override {
    std::size_t skip = 0;  // bytes of the first part that are written
    while (!parts.empty()) {
      std::array<iovec, kPartsAtOnce> vectors{};
      const std::size_t count = std::min(parts.size(), kPartsAtOnce);
      for (std::size_t i = 0; i < count; ++i) {
        const Bytes part = i == 0 ? parts[i].subspan(skip) : parts[i];
        vectors[i] = {const_cast<std::byte*>(part.data()), part.size()};
      }
      const ssize_t written =
          ::pwritev(fd_, vectors.data(), static_cast<int>(count), static_cast<off_t>(position));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return file_error("write", path_, errno);
      position += static_cast<std::uint64_t>(written);
      auto left = static_cast<std::size_t>(written);
      while (!parts.empty() && left >= parts.front().size() - skip) {
        left -= parts.front().size() - skip;
        skip = 0;
        parts = parts.subspan(1);
      }
      skip += left;
    }
    return {};
  }

  Result<std::size_t> read(MutableBytes into, std::uint64_t position) override {
    std::size_t done = 0;
    while (done < into.size()) {
      const ssize_t got =
          ::pread(fd_, into.data() + done, into.size() - done, static_cast<off_t>(position + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return file_error("read", path_, errno);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  Result<std::optional<std::size_t>> read_cached(MutableBytes into, std::uint64_t position) override {
    std::size_t done = 0;
    while (done < into.size()) {
      const iovec vector{into.data() + done, into.size() - done};
      const ssize_t got = ::preadv2(fd_, &vector, 1, static_cast<off_t>(position + done), RWF_NOWAIT);
      if (got < 0 && errno == EINTR) continue;
      // EOPNOTSUPP: this file system cannot tell.
      if (got < 0 && (errno == EAGAIN || errno == EOPNOTSUPP)) return std::nullopt;
      if (got < 0) return file_error("read", path_, errno);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  Status sync() override {
    // Not repeated when interrupted: what a first call lost, a second does not report.
    if (::fdatasync(fd_) != 0) return file_error("sync", path_, errno);
    return {};
  }

  Result<std::uint64_t> size() override {
    struct stat found{};
    if (::fstat(fd_, &found) != 0) return file_error("look at", path_, errno);
    return static_cast<std::uint64_t>(found.st_size);
  }

  Status resize(std::uint64_t size) override {
    while (::ftruncate(fd_, static_cast<off_t>(size)) != 0)
      if (errno != EINTR) return file_error("resize", path_, errno);
    return {};
  }

 private:
  int fd_;
  std::string path_;
};

int flags_of(Disk::Open how) {
  switch (how) {
    case Disk::Open::read_only:
      return O_RDONLY;
    case Disk::Open::read_write:
      return O_RDWR;
    case Disk::Open::create:
      return O_RDWR | O_CREAT | O_EXCL;
  }
  return O_RDONLY;
}

}  // namespace

Result<std::unique_ptr<DiskFile>> SystemDisk::open(const std::string& path, Open how) {
  const int fd = ::open(path.c_str(), flags_of(how) | O_CLOEXEC, kFileMode);
  if (fd < 0) return file_error(how == Open::create ? "create" : "open", path, errno);
  return std::make_unique<SystemFile>(fd, path);
}

Result<std::vector<std::string>> SystemDisk::list(const std::string& directory) {
  DIR* const open_directory = ::opendir(directory.c_str());
  if (open_directory == nullptr) return file_error("list", directory, errno);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* const entry = ::readdir(open_directory)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  const int reason = errno;
  ::closedir(open_directory);
  if (reason != 0) return file_error("list", directory, reason);
  std::sort(names.begin(), names.end());
  return names;
}

Status SystemDisk::make_directories(const std::string& directory) {
  // Each missing one is made in a synced parent, from the top.
  struct stat found{};
  if (::stat(directory.c_str(), &found) == 0)
    return S_ISDIR(found.st_mode) ? Status{} : file_error("create directory", directory, ENOTDIR);
  const std::string parent = directory_of(directory);
  if (parent != directory && ::stat(parent.c_str(), &found) != 0) {
    FELIX_CHECK(make_directories(parent));
    FELIX_CHECK(sync_directory(directory_of(parent)));
  }
  return io::make_directories(directory, kDirectoryMode);
}

Status SystemDisk::remove(const std::string& path) {
  if (::remove(path.c_str()) != 0) return file_error("remove", path, errno);
  return {};
}

Status SystemDisk::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return file_error("rename", from, errno);
  return {};
}

Status SystemDisk::sync_directory(const std::string& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return file_error("open", directory, errno);
  // Some file systems cannot sync a directory and say EINVAL; there is nothing better to do on them.
  const int reason = ::fsync(fd) == 0 || errno == EINVAL ? 0 : errno;
  ::close(fd);
  if (reason != 0) return file_error("sync directory", directory, reason);
  return {};
}

}  // namespace felix::io
