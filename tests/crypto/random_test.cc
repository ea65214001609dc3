#include "crypto/random.h"

#include <array>

#include <catch2/catch_test_macros.hpp>

namespace felix::crypto {
namespace {

TEST_CASE("random bytes fill every length and do not repeat") {
  std::array<std::byte, 32> a{};
  std::array<std::byte, 32> b{};
  random_bytes(a);
  random_bytes(b);
  CHECK(a != b);
  std::array<std::byte, 4> part{};
  random_bytes(MutableBytes(part).first(0));
  CHECK(part == std::array<std::byte, 4>{});
}

TEST_CASE("constant-time comparison compares") {
  CHECK(equal_constant_time(as_bytes("secret"), as_bytes("secret")));
  CHECK_FALSE(equal_constant_time(as_bytes("secret"), as_bytes("secreT")));
  CHECK_FALSE(equal_constant_time(as_bytes("secret"), as_bytes("secre")));
  CHECK(equal_constant_time({}, {}));
}

}  // namespace
}  // namespace felix::crypto
