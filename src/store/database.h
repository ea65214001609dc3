#pragma once
// A SQLite database as this module uses it: one connection, every commit durable before it returns, errors in
// our words. One thread; blocking.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace felix::store {

// A prepared statement: bind, step until it returns false, then reset it before it is used again.
class Statement {
 public:
  Statement(Statement&&) noexcept = default;
  Statement& operator=(Statement&&) noexcept = default;

  // Positions count from 1. Text is copied.
  void bind(int position, std::string_view text);
  void bind(int position, std::int64_t number);
  // True while there is a row.
  Result<bool> step();
  // The columns of that row, from 0; text is valid until the next step.
  std::string_view text(int column) const;
  std::int64_t integer(int column) const;
  void reset();

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  Statement(sqlite3_stmt* statement, std::string origin)
      : statement_(statement), origin_(std::move(origin)) {}

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  std::string origin_;
};

class Database {
 public:
  // Creates the file, readable by its owner alone, when there is none; ":memory:" is a database that nobody
  // else sees. corrupt when the file is damaged or no database, storage when the system refuses.
  static Result<Database> open(const std::string& path);

  // Statements without results.
  Status execute(const char* sql);
  Result<Statement> prepare(std::string_view sql);
  // The first column of the first row of a query that has one.
  Result<std::int64_t> query_integer(std::string_view sql);
  // "ok", or what the first damaged place is.
  Result<std::string> check_integrity();
  const std::string& path() const { return path_; }

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  Database(sqlite3* handle, std::string path) : handle_(handle), path_(std::move(path)) {}

  std::unique_ptr<sqlite3, Close> handle_;
  std::string path_;
};

// Undone at the end of its scope unless it was committed.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  // Durable when it returns without an error.
  Status commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}

  Database* database_;
};

}  // namespace felix::store
