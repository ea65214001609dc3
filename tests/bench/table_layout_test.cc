#include "bench/table_layout.h"

#include <catch2/catch_test_macros.hpp>

namespace felix::bench {
namespace {

TEST_CASE("Names stand left and figures right, whatever bytes a character takes") {
  TextTable table({"", "p50", "max"});
  table.row({"a", "42.1 µs", "1 s"});
  table.row({"longer → name", "850 ns"});
  CHECK(table.text(Glyphs::unicode, 2) ==
        "                     p50  max\n"
        "  a              42.1 µs  1 s\n"
        "  longer → name   850 ns\n");
  CHECK(table.text(Glyphs::ascii, 0) ==
        "                    p50  max\n"
        "a               42.1 us  1 s\n"
        "longer -> name   850 ns\n");
}

TEST_CASE("Columns without content vanish, and so does a table without rows") {
  TextTable table({"", "p50", "never", "max"});
  CHECK(table.text(Glyphs::unicode, 0).empty());
  table.row({"a", "1", "", "2"});
  CHECK(table.text(Glyphs::unicode, 0) == "   p50  max\na    1    2\n");
}

TEST_CASE("Text breaks at blanks under its first word") {
  CHECK(wrapped("note", "one two three", 6, 13) == "note  one two\n      three\n");
  CHECK(wrapped("", "one two three", 2, 9) == "one two\n  three\n");
  CHECK(wrapped("a-long-label", "x", 4, 80) == "a-long-labelx\n");
  CHECK(wrapped("", "unbreakable", 0, 5) == "unbreakable\n");
}

}  // namespace
}  // namespace felix::bench
