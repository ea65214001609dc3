#pragma once
// Files that must survive: one of the three virtual seams, so that tests can put a disk in its place that
// forgets what was not synced, tears a write or has no room left. Every call may wait for the device, but
// DiskFile::read_cached; none belongs on a reactor.
//
// Errors name the path, the system's reason and a remedy: overloaded when there is no room (try again when
// there is), not_found, already_exists, storage otherwise.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace felix::io {

// An open file. Calls on one file may come from several threads.
class DiskFile {
 public:
  virtual ~DiskFile() = default;

  // Puts the parts one behind the other from `position` on. After an error any of the bytes may be there.
  virtual Status write(std::span<const Bytes> parts, std::uint64_t position) = 0;
  // Bytes read: fewer than asked only at the end of the file.
  virtual Result<std::size_t> read(MutableBytes into, std::uint64_t position) = 0;
  // Like read(), of what is in memory; nullopt when that would wait for the device, or when nobody can tell.
  virtual Result<std::optional<std::size_t>> read_cached(MutableBytes into, std::uint64_t position) = 0;
  // Content and size are on the device when this returns. After an error nobody knows what is, and a second
  // call that succeeds says nothing about the first: the file must not be written any more.
  virtual Status sync() = 0;
  virtual Result<std::uint64_t> size() = 0;
  // Cuts the file, or lengthens it with zeros that take no room.
  virtual Status resize(std::uint64_t size) = 0;
};

class Disk {
 public:
  enum class Open : std::uint8_t { read_only, read_write, create };  // create: there must be none yet

  virtual ~Disk() = default;

  virtual Result<std::unique_ptr<DiskFile>> open(const std::string& path, Open how) = 0;
  // Names in a directory, sorted.
  virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
  // And its missing parents, which are synced; the entry of the last waits for sync_directory(parent).
  virtual Status make_directories(const std::string& directory) = 0;
  // An empty directory too.
  virtual Status remove(const std::string& path) = 0;
  // Replaces a file `to`.
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  // What was created, renamed and removed in `directory` is on the device when this returns.
  virtual Status sync_directory(const std::string& directory) = 0;
};

// The machine's.
class SystemDisk final : public Disk {
 public:
  Result<std::unique_ptr<DiskFile>> open(const std::string& path, Open how) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Status make_directories(const std::string& directory) override;
  Status remove(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status sync_directory(const std::string& directory) override;
};

}  // namespace felix::io
