#include "bench/sparkline.h"

#include <cmath>
#include <vector>

#include <catch2/catch_test_macros.hpp>

namespace felix::bench {
namespace {

using Values = std::vector<double>;

TEST_CASE("A sparkline is as wide as asked, the newest value on the right") {
  CHECK(sparkline(Values{}, 4, Glyphs::ascii) == "    ");
  CHECK(sparkline(Values{10, 1000}, 4, Glyphs::ascii) == "  _#");
  CHECK(sparkline(Values{5000, 10, 1000}, 2, Glyphs::ascii) == "_#");
  CHECK(sparkline(Values{1, 2}, 0, Glyphs::ascii).empty());
}

TEST_CASE("Heights are logarithmic, so a doubling is one step of a wide range") {
  CHECK(sparkline(Values{1, 2, 4, 8, 16, 32, 64, 128}, 8, Glyphs::unicode) == "▁▂▃▄▅▆▇█");
  CHECK(sparkline(Values{1, 2, 4, 8, 16, 32, 64, 128}, 8, Glyphs::ascii) == "_.,-=+*#");
}

TEST_CASE("Noise stays flat") {
  CHECK(sparkline(Values{50, 50, 50}, 3, Glyphs::ascii) == "___");
  CHECK(sparkline(Values{50, 51, 52}, 3, Glyphs::ascii) == "___");
}

TEST_CASE("A moment without samples is a blank") {
  CHECK(sparkline(Values{8, 0, NAN, -1, INFINITY, 16}, 6, Glyphs::ascii) == "_    #");
  CHECK(sparkline(Values{0, 0}, 2, Glyphs::unicode) == "  ");
}

}  // namespace
}  // namespace felix::bench
