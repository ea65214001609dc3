#include "bench/report_svg.h"

#include <cmath>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include "bench/table_units.h"

namespace felix::bench {
namespace {

using Catch::Approx;

TEST_CASE("Scales meet their ends and never leave them") {
  const Scale linear = Scale::linear(0, 10, 100, 200);
  CHECK(linear(5) == Approx(150));
  CHECK(linear(-3) == 100);
  CHECK(linear(1e9) == 200);
  const Scale falling = Scale::logarithmic(1, 1000, 400, 100);
  CHECK(falling(1) == 400);
  CHECK(falling(10) == Approx(300));
  CHECK(falling(1000) == 100);
  CHECK(falling(0) == 400);
  CHECK(falling(-5) == 400);
  CHECK(falling(INFINITY) == 100);
}

TEST_CASE("Ticks are 1, 2 and 5 of a decade until that is too many") {
  CHECK(log_ticks(10, 100) == std::vector<double>{10, 20, 50, 100});
  CHECK(log_ticks(15, 60) == std::vector<double>{20, 50});
  const std::vector<double> wide = log_ticks(1, 1e6);
  REQUIRE(wide.size() == 7);
  CHECK(wide[3] == Approx(1000));
  CHECK(linear_ticks(9, 5) == std::vector<double>{0, 2, 4, 6, 8, 10});
  CHECK(linear_ticks(0, 5).size() >= 1);
}

TEST_CASE("Rounding goes to the next 1, 2 or 5") {
  for (const double decade : {1e-3, 1.0, 1e6}) {
    CHECK(round_down(1.9 * decade) == Approx(decade));
    CHECK(round_down(5 * decade) == Approx(5 * decade));
    CHECK(round_up(1.1 * decade) == Approx(2 * decade));
    CHECK(round_up(2 * decade) == Approx(2 * decade));
    CHECK(round_up(2.1 * decade) == Approx(5 * decade));
    CHECK(round_up(5.1 * decade) == Approx(10 * decade));
  }
}

TEST_CASE("Labels of ticks have no idle zeros") {
  CHECK(tick_text("5.00 ms") == "5 ms");
  CHECK(tick_text("2.50k/s") == "2.5k/s");
  CHECK(tick_text("100 µs") == "100 µs");
  CHECK(tick_text("0.050") == "0.05");
  CHECK(tick_text("99.99 %") == "99.99 %");
}

TEST_CASE("Text cannot become markup") {
  CHECK(escape_html("a < b & \"c\" > 'd'") == "a &lt; b &amp; &quot;c&quot; &gt; &#39;d&#39;");
  Svg svg{Frame{}};
  svg.circle({1, 2}, 3, "mark", "<script>");
  svg.text({1, 2}, "start", "tick", "</text><script>");
  const std::string drawn = svg.finish("\"title\"", "<b>");
  CHECK(drawn.find("<script>") == std::string::npos);
  CHECK(drawn.find("<b>") == std::string::npos);
  CHECK(
      drawn.find(
          "<circle cx=\"1.0\" cy=\"2.0\" r=\"3.0\" class=\"mark\"><title>&lt;script&gt;</title></circle>") !=
      std::string::npos);
}

}  // namespace
}  // namespace felix::bench
