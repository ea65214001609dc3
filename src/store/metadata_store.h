#pragma once
// The metadata state machine on disk: the state in memory is always the state a restart would find. One
// thread; apply() waits for the disk.

#include <string>
#include <string_view>

#include "base/error.h"
#include "metadata/command.h"
#include "metadata/state.h"
#include "store/change_log.h"

namespace felix::store {

class MetadataStore {
 public:
  // Makes the store of an existing directory, or opens it and locks it against other processes. Errors, each
  // with a remedy: unavailable (locked), storage, corrupt, newer_version.
  static Result<MetadataStore> open(const std::string& directory);
  // Gone with this object.
  static Result<MetadataStore> open_in_memory();

  const metadata::State& state() const { return state_; }

  // Durable and part of state() when it returns; the delta is empty of changes when there was nothing to do.
  // Refused commands (already_exists, not_found, invalid_request) change nothing. After a storage error
  // every later command is refused too: only a restart finds out what the disk holds.
  Result<metadata::Delta> apply(const metadata::Command& command);

  // The whole state as text, and a state put in the place of ours. corrupt or newer_version, and nothing
  // changed, when the text is no snapshot.
  std::string snapshot() const;
  Status restore(std::string_view snapshot);

 private:
  MetadataStore(ChangeLog log, metadata::State state) : log_(std::move(log)), state_(std::move(state)) {}
  static Result<MetadataStore> load(ChangeLog log);
  Status usable() const;
  // Remembers a write that failed.
  Status checked(Status written);

  ChangeLog log_;
  metadata::State state_;
  bool failed_ = false;
};

}  // namespace felix::store
