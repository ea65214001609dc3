#include "store/change_log.h"

#include "base/contract.h"
#include "store/schema.h"

namespace felix::store {
namespace {

std::int64_t as_column(std::uint64_t version) {
  FELIX_ASSERT(version <= static_cast<std::uint64_t>(INT64_MAX));
  return static_cast<std::int64_t>(version);
}

// For statements that change rows: they have none to give.
Status run(Statement& statement) {
  FELIX_TRY([[maybe_unused]] const bool row, statement.step());
  return {};
}

}  // namespace

Result<ChangeLog> ChangeLog::open(const std::string& directory) {
  FELIX_TRY(DirectoryLock lock, DirectoryLock::acquire(directory));
  return prepare(std::move(lock), directory + "/metadata.db");
}

Result<ChangeLog> ChangeLog::open_in_memory() { return prepare(std::nullopt, ":memory:"); }

Result<ChangeLog> ChangeLog::prepare(std::optional<DirectoryLock> lock, const std::string& path) {
  FELIX_TRY(Database database, Database::open(path));
  FELIX_CHECK(prepare_schema(database));
  ChangeLog log(std::move(lock), std::move(database));
  FELIX_TRY(const StoredState stored, log.load());
  log.snapshot_version_ = stored.snapshot_version;
  log.last_ = stored.snapshot_version + stored.changes.size();
  return log;
}

Result<StoredState> ChangeLog::load() {
  StoredState stored;
  FELIX_TRY(Statement snapshot, database_.prepare("SELECT version, body FROM snapshot"));
  FELIX_TRY(const bool exists, snapshot.step());
  if (exists) {
    stored.snapshot_version = static_cast<std::uint64_t>(snapshot.integer(0));
    stored.snapshot = snapshot.text(1);
  }
  FELIX_TRY(Statement changes, database_.prepare("SELECT version, body FROM change ORDER BY version"));
  for (;;) {
    FELIX_TRY(const bool row, changes.step());
    if (!row) return stored;
    const std::uint64_t expected = stored.snapshot_version + stored.changes.size() + 1;
    if (static_cast<std::uint64_t>(changes.integer(0)) != expected)
      return fail(Errc::corrupt, database_.path() + ": change " + std::to_string(expected) +
                                     " is missing; restore it from a backup");
    stored.changes.emplace_back(changes.text(1));
  }
}

Status ChangeLog::append(std::uint64_t version, std::string_view change) {
  FELIX_ASSERT(version == last_ + 1);
  FELIX_TRY(Transaction transaction, Transaction::begin(database_));
  FELIX_TRY(Statement insert, database_.prepare("INSERT INTO change(version, body) VALUES(?, ?)"));
  insert.bind(1, as_column(version));
  insert.bind(2, change);
  FELIX_CHECK(run(insert));
  FELIX_CHECK(transaction.commit());
  last_ = version;
  return {};
}

Status ChangeLog::replace(std::uint64_t version, std::string_view snapshot) {
  FELIX_TRY(Transaction transaction, Transaction::begin(database_));
  FELIX_CHECK(database_.execute("DELETE FROM change"));
  FELIX_TRY(Statement insert,
            database_.prepare("INSERT OR REPLACE INTO snapshot(id, version, body) VALUES(1, ?, ?)"));
  insert.bind(1, as_column(version));
  insert.bind(2, snapshot);
  FELIX_CHECK(run(insert));
  FELIX_CHECK(transaction.commit());
  snapshot_version_ = last_ = version;
  return {};
}

}  // namespace felix::store
