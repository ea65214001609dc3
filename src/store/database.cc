#include "store/database.h"

#include <cerrno>
#include <fcntl.h>
#include <sqlite3.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "base/contract.h"

namespace felix::store {
namespace {

std::unexpected<Error> failure(const std::string& path, sqlite3* handle, int result) {
  const std::string words = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(result);
  switch (result & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return fail(Errc::corrupt,
                  path + ": damaged (" + words + "); restore it from a backup or move it away");
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return fail(Errc::storage,
                  path + ": " + words + "; give a directory and file the user that runs felix may write");
    case SQLITE_FULL:
      return fail(Errc::storage, path + ": " + words + "; free some disk space");
    default:
      return fail(Errc::storage, path + ": " + words);
  }
}

// SQLite gives the files it makes beside the database the database's own mode.
Status create_private(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    return fail(Errc::storage, path + ": " + std::generic_category().message(errno) +
                                   "; give a directory and file the user that runs felix may write");
  ::close(fd);
  return {};
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void Statement::bind(int position, std::string_view text) {
  const int result = sqlite3_bind_text64(statement_.get(), position, text.data(), text.size(),
                                         SQLITE_TRANSIENT, SQLITE_UTF8);
  FELIX_ASSERT(result == SQLITE_OK);
}

void Statement::bind(int position, std::int64_t number) {
  FELIX_ASSERT(sqlite3_bind_int64(statement_.get(), position, number) == SQLITE_OK);
}

Result<bool> Statement::step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  return failure(origin_, sqlite3_db_handle(statement_.get()), result);
}

std::string_view Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return text == nullptr ? std::string_view() : std::string_view(text, size);
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }

void Statement::reset() { sqlite3_reset(statement_.get()); }

void Database::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Result<Database> Database::open(const std::string& path) {
  if (path != ":memory:") FELIX_CHECK(create_private(path));
  sqlite3* handle = nullptr;
  const int result = sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE, nullptr);
  Database database(handle, path);
  // The directory lock keeps others out, so the file is ours until it closes and needs no shared memory.
  Status status = result == SQLITE_OK ? Status() : failure(path, handle, result);
  for (const char* sql :
       {"PRAGMA locking_mode=EXCLUSIVE", "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL"}) {
    if (status) status = database.execute(sql);
  }
  if (!status) return std::unexpected(std::move(status).error());
  return database;
}

Status Database::execute(const char* sql) {
  const int result = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) return failure(path_, handle_.get(), result);
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int result =
      sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (result != SQLITE_OK) return failure(path_, handle_.get(), result);
  return Statement(statement, path_);
}

Result<std::int64_t> Database::query_integer(std::string_view sql) {
  FELIX_TRY(Statement statement, prepare(sql));
  FELIX_TRY(const bool row, statement.step());
  FELIX_ASSERT(row);
  return statement.integer(0);
}

Result<std::string> Database::check_integrity() {
  FELIX_TRY(Statement statement, prepare("PRAGMA quick_check(1)"));
  FELIX_TRY(const bool row, statement.step());
  return row ? std::string(statement.text(0)) : std::string("ok");
}

Result<Transaction> Transaction::begin(Database& database) {
  FELIX_CHECK(database.execute("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
  // A failed COMMIT may have rolled back already; then there is nothing to undo and the error says so.
  if (database_ != nullptr) (void)database_->execute("ROLLBACK");
}

Status Transaction::commit() {
  FELIX_CHECK(database_->execute("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace felix::store
