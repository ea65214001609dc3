#include "store/metadata_store.h"

#include <utility>

#include "base/contract.h"
#include "metadata/snapshot.h"

namespace felix::store {
namespace {

// So many changes are read one by one at a start; more are folded into a snapshot.
constexpr std::uint64_t kMaxChangesKept = 512;

}  // namespace

Result<MetadataStore> MetadataStore::open(const std::string& directory) {
  FELIX_TRY(ChangeLog log, ChangeLog::open(directory));
  auto store = load(std::move(log));
  if (!store) return std::unexpected(with_context(directory, std::move(store).error()));
  return store;
}

Result<MetadataStore> MetadataStore::open_in_memory() {
  FELIX_TRY(ChangeLog log, ChangeLog::open_in_memory());
  return load(std::move(log));
}

Result<MetadataStore> MetadataStore::load(ChangeLog log) {
  FELIX_TRY(const StoredState stored, log.load());
  metadata::State state;
  if (!stored.snapshot.empty()) {
    FELIX_TRY(state, metadata::decode_snapshot(stored.snapshot));
  }
  if (state.version() != stored.snapshot_version)
    return fail(Errc::corrupt, "metadata snapshot is not of the version it is kept under; restore a backup");
  for (const std::string& change : stored.changes) {
    FELIX_TRY(const metadata::Delta delta, metadata::decode_delta(change));
    FELIX_CHECK(metadata::advance(state, delta));
  }
  return MetadataStore(std::move(log), std::move(state));
}

Status MetadataStore::usable() const {
  if (!failed_) return {};
  return fail(Errc::storage, "an earlier metadata write failed; restart to go on from what the disk holds");
}

Status MetadataStore::checked(Status written) {
  if (!written) failed_ = true;
  return written;
}

Result<metadata::Delta> MetadataStore::apply(const metadata::Command& command) {
  FELIX_CHECK(usable());
  FELIX_TRY(metadata::Delta delta, metadata::plan(state_, command));
  if (delta.changes.empty()) return delta;
  FELIX_CHECK(checked(log_.append(delta.version, metadata::encode_delta(delta))));
  const Status advanced = metadata::advance(state_, delta);
  FELIX_ASSERT(advanced.has_value());  // it was planned against this very state
  // The command is done by now, so a failure here is for the next one to report.
  if (log_.changes_kept() >= kMaxChangesKept) (void)checked(log_.replace(state_.version(), snapshot()));
  return delta;
}

std::string MetadataStore::snapshot() const { return metadata::encode_snapshot(state_); }

Status MetadataStore::restore(std::string_view snapshot) {
  FELIX_CHECK(usable());
  FELIX_TRY(metadata::State state, metadata::decode_snapshot(snapshot));
  FELIX_CHECK(checked(log_.replace(state.version(), snapshot)));
  state_ = std::move(state);
  return {};
}

}  // namespace felix::store
