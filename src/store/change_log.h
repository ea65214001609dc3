#pragma once
// A state as a snapshot and the changes since, in SQLite: texts and version numbers, whatever they mean. Each
// call is one transaction, durable when it returns. One thread; blocking.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "store/database.h"
#include "store/directory_lock.h"

namespace felix::store {

struct StoredState {
  std::uint64_t snapshot_version = 0;
  std::string snapshot;              // empty when none was ever written
  std::vector<std::string> changes;  // of the versions snapshot_version + 1, + 2, …
};

class ChangeLog {
 public:
  // `directory`/metadata.db, made when there is none; the directory is locked against other processes for the
  // life of this object. Errors: unavailable (locked), storage, corrupt, newer_version; each with a remedy.
  static Result<ChangeLog> open(const std::string& directory);
  // Gone with this object.
  static Result<ChangeLog> open_in_memory();

  // corrupt when a version is missing.
  Result<StoredState> load();
  // `version` is one more than the last.
  Status append(std::uint64_t version, std::string_view change);
  // Puts a state of that version in the place of everything before it; a later append continues from there.
  Status replace(std::uint64_t version, std::string_view snapshot);
  // Changes since the snapshot: when they are many it is time to replace.
  std::uint64_t changes_kept() const { return last_ - snapshot_version_; }

 private:
  ChangeLog(std::optional<DirectoryLock> lock, Database database)
      : lock_(std::move(lock)), database_(std::move(database)) {}
  static Result<ChangeLog> prepare(std::optional<DirectoryLock> lock, const std::string& path);

  std::optional<DirectoryLock> lock_;  // none in memory; goes after the database
  Database database_;
  std::uint64_t snapshot_version_ = 0;
  std::uint64_t last_ = 0;
};

}  // namespace felix::store
