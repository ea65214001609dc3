#include "io/disk.h"

#include <array>
#include <numeric>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "support/temporary_directory.h"

using namespace felix;
using Open = io::Disk::Open;

namespace {

bool names(const Error& error, std::string_view part) {
  return error.context.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("many parts are written one behind the other, and read back from anywhere") {
  const test::TemporaryDirectory directory;
  io::SystemDisk disk;
  auto file = *disk.open(directory.path() + "/f", Open::create);
  // More parts than one call of the system takes, of every small size, empty ones too.
  std::vector<std::vector<std::byte>> owned;
  std::vector<std::byte> all(10, std::byte{0});
  for (std::size_t i = 0; i < 3'000; ++i) {
    owned.emplace_back(i % 7, static_cast<std::byte>(i % 251));
    all.insert(all.end(), owned.back().begin(), owned.back().end());
  }
  const std::vector<Bytes> parts(owned.begin(), owned.end());
  REQUIRE(file->write(parts, 10));
  CHECK(file->size() == all.size());
  REQUIRE(file->sync());
  std::vector<std::byte> read(all.size() + 100);
  CHECK(file->read(read, 0) == all.size());
  CHECK(std::equal(all.begin(), all.end(), read.begin()));
  const auto cached = file->read_cached(MutableBytes(read).first(5), all.size() - 3);
  REQUIRE(cached);
  // A file system that cannot tell what is in memory says nothing.
  if (*cached) CHECK(**cached == 3);
  REQUIRE(file->resize(4));
  CHECK(file->read(read, 0) == std::size_t{4});
  CHECK(file->read(read, 4) == std::size_t{0});
}

TEST_CASE("files are listed, renamed and removed, and directories made with their parents") {
  const test::TemporaryDirectory directory;
  io::SystemDisk disk;
  const std::string deep = directory.path() + "/a/b/c";
  REQUIRE(disk.make_directories(deep));
  REQUIRE(disk.make_directories(deep));
  for (const char* const name : {"/2", "/1", "/3"}) REQUIRE(disk.open(deep + name, Open::create));
  REQUIRE(disk.rename(deep + "/1", deep + "/4"));
  REQUIRE(disk.remove(deep + "/3"));
  REQUIRE(disk.sync_directory(deep));
  CHECK(disk.list(deep) == std::vector<std::string>{"2", "4"});
}

TEST_CASE("what the system refuses is named, with its reason and a remedy") {
  const test::TemporaryDirectory directory;
  io::SystemDisk disk;
  const std::string path = directory.path() + "/f";
  const auto absent = disk.open(path, Open::read_only);
  REQUIRE_FALSE(absent);
  CHECK(absent.error().code == Errc::not_found);
  CHECK(absent.error().context == "cannot open '" + path + "': No such file or directory; check the path");
  REQUIRE(disk.open(path, Open::create));
  CHECK(disk.open(path, Open::create).error().code == Errc::already_exists);
  CHECK(disk.list(path).error().code == Errc::storage);
  CHECK(disk.remove(path + "x").error().code == Errc::not_found);
  CHECK(disk.make_directories(path + "/below").error().code == Errc::storage);
}

TEST_CASE("a disk without room says so, so that it may be tried again", "[L-52]") {
  io::SystemDisk disk;
  auto full = disk.open("/dev/full", Open::read_write);
  if (!full) SKIP("no /dev/full here: " << to_string(full.error()));
  const std::array<std::byte, 4> bytes{};
  const Bytes part = bytes;
  const auto refused = (*full)->write(std::span(&part, 1), 0);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::overloaded);
  CHECK(names(refused.error(), "cannot write '/dev/full': No space left on device; free some space"));
}
