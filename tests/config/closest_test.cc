#include "config/closest.h"

#include <catch2/catch_test_macros.hpp>

using namespace felix;

TEST_CASE("the nearest candidate is proposed, a distant one is not") {
  const std::vector<std::string_view> candidates{"publish", "subscribe", "cache"};
  CHECK(config::closest("publsh", candidates) == "publish");
  CHECK(config::closest("pbulihs", candidates) == "publish");  // two swaps
  CHECK(config::closest("cahce", candidates) == "cache");
  CHECK(config::closest("subscribe", candidates) == "subscribe");
  CHECK(config::closest("zzzzzz", candidates).empty());
  CHECK(config::closest("", candidates).empty());
  CHECK(config::closest(std::string(100'000, 'x'), candidates).empty());
  CHECK(config::did_you_mean("cach", candidates) == "; did you mean 'cache'?");
  CHECK(config::did_you_mean("zzzzzz", {}).empty());
}
