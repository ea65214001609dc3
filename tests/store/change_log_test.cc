#include "store/change_log.h"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "support/temporary_directory.h"

namespace felix::store {
namespace {

using Catch::Matchers::ContainsSubstring;
using felix::test::TemporaryDirectory;

// What another program, or another version, does to the file.
void meddle(const std::string& directory, const char* sql) {
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open((directory + "/metadata.db").c_str(), &handle) == SQLITE_OK);
  CHECK(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(handle);
}

TEST_CASE("changes and the snapshot come back in order after reopening") {
  const TemporaryDirectory directory;
  {
    auto log = ChangeLog::open(directory.path()).value();
    CHECK(log.load().value().changes.empty());
    REQUIRE(log.append(1, "one").has_value());
    REQUIRE(log.append(2, "two").has_value());
    REQUIRE(log.replace(2, "state 2").has_value());
    CHECK(log.changes_kept() == 0);
    REQUIRE(log.append(3, "three").has_value());
    REQUIRE(log.append(4, std::string("fo\0ur", 5)).has_value());
  }
  auto log = ChangeLog::open(directory.path()).value();
  CHECK(log.changes_kept() == 2);
  const auto stored = log.load().value();
  CHECK(stored.snapshot_version == 2);
  CHECK(stored.snapshot == "state 2");
  CHECK(stored.changes == std::vector<std::string>{"three", std::string("fo\0ur", 5)});
  CHECK(log.append(5, "five").has_value());
}

TEST_CASE("a log in memory needs no directory and is nobody else's") {
  auto log = ChangeLog::open_in_memory().value();
  auto other = ChangeLog::open_in_memory().value();
  REQUIRE(log.append(1, "one").has_value());
  CHECK(log.load().value().changes.size() == 1);
  CHECK(other.load().value().changes.empty());
}

TEST_CASE("a process that dies at once loses nothing it was told is done, and leaves no lock") {
  const TemporaryDirectory directory;
  const pid_t child = ::fork();
  if (child == 0) {
    auto log = ChangeLog::open(directory.path());
    const bool done = log && log->append(1, "one") && log->append(2, "two");
    ::_exit(done ? 0 : 1);  // neither closed nor checkpointed
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
  auto log = ChangeLog::open(directory.path()).value();
  CHECK(log.load().value().changes == std::vector<std::string>{"one", "two"});
}

TEST_CASE("what was not committed when the process died is not there") {
  const TemporaryDirectory directory;
  {
    REQUIRE(ChangeLog::open(directory.path()).value().append(1, "one").has_value());
  }
  const pid_t child = ::fork();
  if (child == 0) {
    auto database = Database::open(directory.path() + "/metadata.db");
    auto transaction = Transaction::begin(*database);
    const bool inserted = database->execute("INSERT INTO change VALUES(2, 'half')").has_value();
    ::_exit(inserted ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
  CHECK(ChangeLog::open(directory.path()).value().load().value().changes == std::vector<std::string>{"one"});
}

TEST_CASE("a second opener is refused by the pid of the first") {
  const TemporaryDirectory directory;
  const auto first = ChangeLog::open(directory.path());
  REQUIRE(first.has_value());
  const auto second = ChangeLog::open(directory.path());
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == Errc::unavailable);
  CHECK_THAT(second.error().context, ContainsSubstring("process " + std::to_string(::getpid())));
}

TEST_CASE("a file of a newer version is left alone") {
  const TemporaryDirectory directory;
  {
    REQUIRE(ChangeLog::open(directory.path()).has_value());
  }
  meddle(directory.path(), "PRAGMA user_version = 2");
  const auto refused = ChangeLog::open(directory.path());
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Errc::newer_version);
  CHECK_THAT(refused.error().context, ContainsSubstring("run that version or a later one"));
}

TEST_CASE("a database of another program, a missing change and damage are corrupt") {
  const TemporaryDirectory directory;
  const std::string file = directory.path() + "/metadata.db";
  SECTION("another program's") { meddle(directory.path(), "CREATE TABLE theirs(x)"); }
  SECTION("no database at all") { std::ofstream(file) << std::string(8192, 'x'); }
  SECTION("a missing change") {
    {
      auto log = ChangeLog::open(directory.path()).value();
      for (std::uint64_t version = 1; version <= 3; ++version) REQUIRE(log.append(version, "x").has_value());
    }
    meddle(directory.path(), "DELETE FROM change WHERE version = 2");
  }
  SECTION("overwritten pages") {
    {
      auto log = ChangeLog::open(directory.path()).value();
      REQUIRE(log.replace(1, std::string(100'000, 'x')).has_value());
    }
    std::fstream damaged(file, std::ios::in | std::ios::out | std::ios::binary);
    damaged.seekp(4096 * 2);
    damaged << std::string(4096 * 4, '\xee');
  }
  const auto refused = ChangeLog::open(directory.path());
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Errc::corrupt);
  CHECK_THAT(refused.error().context, ContainsSubstring(file));
}

TEST_CASE("a directory that cannot be written is named with what to do") {
  const auto missing = ChangeLog::open("/proc/felix-state");
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().code == Errc::storage);
  CHECK_THAT(missing.error().context, ContainsSubstring("/proc/felix-state: cannot keep state here"));

  const TemporaryDirectory directory;
  REQUIRE(::chmod(directory.path().c_str(), 0555) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && ::setuid(kNobody) != 0) ::_exit(2);  // root may write anywhere
    const auto refused = ChangeLog::open(directory.path());
    ::_exit(!refused && refused.error().code == Errc::storage ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

TEST_CASE("the files of the log are readable by their owner alone") {
  const TemporaryDirectory directory;
  auto log = ChangeLog::open(directory.path()).value();
  REQUIRE(log.append(1, "secret").has_value());
  for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
    CAPTURE(entry.path());
    CHECK((static_cast<unsigned>(entry.status().permissions()) & 077U) == 0);
  }
}

}  // namespace
}  // namespace felix::store
