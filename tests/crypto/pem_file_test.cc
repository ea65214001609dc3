#include "crypto/pem_file.h"

#include <filesystem>
#include <sys/stat.h>

#include <catch2/catch_test_macros.hpp>

#include "support/temporary_directory.h"

namespace felix::crypto {
namespace {

using felix::test::TemporaryDirectory;

TEST_CASE(
    "a private file is readable by its owner alone, replaces the old one, and leaves nothing beside it") {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/token.key";
  REQUIRE(write_private_file(path, "old, and longer").has_value());
  REQUIRE(write_private_file(path, "new").has_value());
  struct stat facts{};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
  CHECK(read_pem_file(path).value().text == "new");
  CHECK(read_pem_file(path).value().origin == path);
  CHECK(std::distance(std::filesystem::directory_iterator(directory.path()), {}) == 1);
}

TEST_CASE("files that cannot be read or written are named") {
  const TemporaryDirectory directory;
  CHECK(read_pem_file(directory.path() + "/none").error().code == Errc::not_found);
  CHECK(read_pem_file(directory.path()).error().code == Errc::storage);
  CHECK_FALSE(write_private_file(directory.path() + "/none/key", "x").has_value());
  REQUIRE(write_private_file(directory.path() + "/big", std::string((1 << 20) + 1, 'x')).has_value());
  CHECK(read_pem_file(directory.path() + "/big").error().code == Errc::too_large);
}

}  // namespace
}  // namespace felix::crypto
