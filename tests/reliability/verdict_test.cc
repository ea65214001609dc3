#include "reliability/verdict.h"

#include <catch2/catch_test_macros.hpp>

using felix::test::Verdict;

TEST_CASE("a verdict says whether the test passed") {
  Verdict verdict("T0 the line itself");
  verdict.figure("n", std::uint64_t{3}).figure("ratio", 1.5).figure("note", "as \"text\"");
  CHECK(verdict.print(true));
  CHECK_FALSE(verdict.print(false));
}
