#include "store/schema.h"

namespace felix::store {
namespace {

constexpr std::int64_t kApplicationId = 0x46454c58;  // "FELX", in the file's header

constexpr const char* kCreate =
    "CREATE TABLE snapshot(id INTEGER PRIMARY KEY CHECK(id = 1), version INTEGER NOT NULL, body TEXT NOT "
    "NULL);"
    "CREATE TABLE change(version INTEGER PRIMARY KEY, body TEXT NOT NULL);"
    "PRAGMA application_id = 1178946648;"
    "PRAGMA user_version = 1;";
static_assert(kApplicationId == 1178946648 && kSchemaVersion == 1, "the text above spells both numbers");

Status create(Database& database) {
  FELIX_TRY(Transaction transaction, Transaction::begin(database));
  FELIX_CHECK(database.execute(kCreate));
  return transaction.commit();
}

}  // namespace

Status prepare_schema(Database& database) {
  FELIX_TRY(const std::int64_t application, database.query_integer("PRAGMA application_id"));
  FELIX_TRY(const std::int64_t version, database.query_integer("PRAGMA user_version"));
  FELIX_TRY(const std::int64_t tables, database.query_integer("SELECT count(*) FROM sqlite_schema"));
  if (application == 0 && version == 0 && tables == 0) return create(database);
  if (application != kApplicationId)
    return fail(Errc::corrupt, database.path() + ": a database of another program; move it away");
  if (version > kSchemaVersion)
    return fail(Errc::newer_version, database.path() + ": written by a newer felix (schema " +
                                         std::to_string(version) + ", this one knows " +
                                         std::to_string(kSchemaVersion) +
                                         "); run that version or a later one");
  FELIX_TRY(const std::string health, database.check_integrity());
  if (health != "ok")
    return fail(Errc::corrupt,
                database.path() + ": damaged (" + health + "); restore it from a backup or move it away");
  return {};
}

}  // namespace felix::store
