#include "io/file.h"

#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

#include "support/temporary_directory.h"

using namespace felix;

namespace {

mode_t mode_of(const std::string& path) {
  struct stat found{};
  REQUIRE(stat(path.c_str(), &found) == 0);
  return found.st_mode & 07777;
}

bool names(const Error& error, std::string_view part) {
  return error.context.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("A file written is read back, byte for byte, with the mode that was asked for") {
  const test::TemporaryDirectory directory;
  const std::string path = directory.path() + "/key";
  std::string content("binary \0 and \n more", 19);
  REQUIRE(io::write_file_atomically(path, as_bytes(content), 0600));
  CHECK(io::read_file(path, 100) == content);
  CHECK(mode_of(path) == 0600);
  content.assign(100'000, 'x');
  REQUIRE(io::write_file_atomically(path, as_bytes(content), 0644));
  CHECK(io::read_file(path, 100'000) == content);
  CHECK(mode_of(path) == 0644);
  // Nothing temporary is left behind.
  CHECK(std::distance(std::filesystem::directory_iterator(directory.path()), {}) == 1);
}

TEST_CASE("A file of exactly the limit is read, one byte more is refused") {
  const test::TemporaryDirectory directory;
  const std::string path = directory.path() + "/f";
  for (const std::size_t limit : {0u, 1u, 16'384u, 40'000u}) {
    CAPTURE(limit);
    REQUIRE(io::write_file_atomically(path, as_bytes(std::string(limit, 'x')), 0600));
    CHECK(io::read_file(path, limit)->size() == limit);
    REQUIRE(io::write_file_atomically(path, as_bytes(std::string(limit + 1, 'x')), 0600));
    const auto refused = io::read_file(path, limit);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::too_large);
  }
}

TEST_CASE("Errors name the path, the reason and what to do") {
  const test::TemporaryDirectory directory;
  const std::string missing = directory.path() + "/none/file";
  const auto read = io::read_file(missing, 10);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == Errc::not_found);
  CHECK(names(read.error(), "'" + missing + "': No such file or directory; check the path"));

  const auto written = io::write_file_atomically(missing, {}, 0600);
  REQUIRE_FALSE(written);
  CHECK(names(written.error(), missing));

  const auto folder = io::read_file(directory.path(), 10);
  REQUIRE_FALSE(folder);
  CHECK(folder.error().code == Errc::storage);
  CHECK(names(folder.error(), "Is a directory"));
}

TEST_CASE("A write that fails leaves the old file and nothing else") {
  const test::TemporaryDirectory directory;
  const std::string path = directory.path() + "/target";
  REQUIRE(
      io::make_directories(path + "/occupied", 0700));  // a directory that is not empty cannot be replaced
  CHECK_FALSE(io::write_file_atomically(path, as_bytes("new"), 0600));
  CHECK(std::distance(std::filesystem::directory_iterator(directory.path()), {}) == 1);
}

TEST_CASE("Directories are made with their parents, and again without complaint") {
  const test::TemporaryDirectory directory;
  const std::string path = directory.path() + "/a/b/c";
  CHECK(io::make_directories(path, 0700));
  CHECK(mode_of(path) == 0700);
  CHECK(io::make_directories(path, 0700));
  CHECK(io::make_directories(path + "/", 0700));
  CHECK(io::make_directories("/", 0700));
}

TEST_CASE("A directory whose parent is a file is refused by name") {
  const test::TemporaryDirectory directory;
  const std::string file = directory.path() + "/file";
  REQUIRE(io::write_file_atomically(file, {}, 0600));
  for (const std::string& path : {file, file + "/below"}) {
    const auto made = io::make_directories(path, 0700);
    REQUIRE_FALSE(made);
    CHECK(made.error().code == Errc::storage);
    CHECK(names(made.error(), "'" + file + "'"));
    CHECK(names(made.error(), "is a file"));
  }
  CHECK_FALSE(io::make_directories("", 0700));
}
