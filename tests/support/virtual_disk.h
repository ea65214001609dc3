#pragma once
// A disk in memory that does to unsynced data what power cuts and failing devices do. It keeps what a reader
// sees now apart from what is on the device, and between the two every operation that was not synced: content
// (in sectors), sizes, and entries of directories.
//
// Stricter than any file system: syncing a file does not keep its name, and syncing a directory keeps no
// content.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "io/disk.h"

namespace felix::test {

inline constexpr std::size_t kSectorBytes = 512;  // what a device writes whole or not at all

// What a crash leaves of the operations that were not synced.
class CrashFate {
 public:
  virtual ~CrashFate() = default;
  // The `index`-th of `count` operations of the whole disk, in the order they were made.
  virtual bool keeps(std::size_t index, std::size_t count) = 0;
  // Of a write that is kept, whether this sector of it is.
  virtual bool keeps_sector(std::size_t index, std::size_t sector) = 0;
};

class VirtualDisk final : public io::Disk {
 public:
  enum class Operation : std::uint8_t {
    open,
    create,
    write,
    read,
    sync,
    resize,
    list,
    make_directory,
    remove,
    rename,
    sync_directory
  };
  // An operation that fails; of a write, the first `bytes_done` bytes are there.
  struct Fault {
    Error error;
    std::size_t bytes_done = 0;
  };
  using Injector = std::function<std::optional<Fault>(Operation, const std::string& path)>;

  VirtualDisk();
  ~VirtualDisk() override;

  // Asked before each operation; none: nothing fails.
  void inject(Injector injector);
  // Called after each operation that changed something, before its caller goes on.
  void after_each_change(std::function<void()> hook);
  // Room for so many bytes of content; writes beyond it are refused (overloaded) when half of them fit.
  void set_capacity(std::uint64_t bytes);
  std::uint64_t used_bytes() const;

  // Operations of a kind so far that were not made to fail, on paths that contain `part`.
  std::uint64_t count(Operation operation, std::string_view part = "") const;

  // How many operations a crash may still lose.
  std::size_t unsynced() const;
  // The disk as it is found after a crash. This one goes on undisturbed.
  VirtualDisk after_crash(CrashFate& fate) const;
  // What readers see, as it is found when only the process is killed.
  VirtualDisk after_kill() const;

  // A file's bytes, to look at or to damage behind everybody's back.
  std::vector<std::byte>& content(const std::string& path);
  bool exists(const std::string& path) const;

  Result<std::unique_ptr<io::DiskFile>> open(const std::string& path, Open how) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Status make_directories(const std::string& directory) override;
  Status remove(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status sync_directory(const std::string& directory) override;

  VirtualDisk(VirtualDisk&&) noexcept;
  VirtualDisk& operator=(VirtualDisk&&) noexcept;

 private:
  class File;
  struct State;
  explicit VirtualDisk(std::shared_ptr<State> state);

  std::shared_ptr<State> state_;  // shared with open files
};

// Visits the disks that a crash at this moment may leave: nothing unsynced kept, all of it, each prefix, all
// but one, one alone, the last write torn at each sector, and `random_states` drawn from `random`.
void for_each_crash_state(const VirtualDisk& disk, std::mt19937_64& random, int random_states,
                          const std::function<void(VirtualDisk&)>& visit);

}  // namespace felix::test
