#include "bench/placement.h"

#include <catch2/catch_test_macros.hpp>

namespace felix::bench {
namespace {

TEST_CASE("a placement names parts and CPUs, and reads back as it is written") {
  const auto placement = parse_placement("broker=0-3,subscriber=1");
  REQUIRE(placement);
  CHECK(placement->broker == CpuRange{0, 3});
  CHECK_FALSE(placement->publisher);
  CHECK(placement->subscriber == CpuRange{1, 1});
  CHECK(to_string(*placement) == "broker=0-3,subscriber=1");
  CHECK(to_string({}).empty());
}

TEST_CASE("what is no placement is refused") {
  for (const char* text : {"", "broker", "broker=", "broker=a", "broker=2-1", "broker=-1",
                           "broker=0,broker=1", "relay=0", "broker=0,,", "broker=0-", "broker=99999"}) {
    INFO(text);
    CHECK_FALSE(parse_placement(text));
  }
}

TEST_CASE("a CPU that this process may not use is refused by name") {
  Placement placement;
  placement.publisher = CpuRange{1000, 1000};
  const auto checked = check_placement(placement);
  REQUIRE_FALSE(checked);
  CHECK(checked.error().context.find("CPU 1000") != std::string::npos);
  CHECK(check_placement({}));
}

}  // namespace
}  // namespace felix::bench
