#include "json/value.h"

#include <catch2/catch_test_macros.hpp>

#include "json/reader.h"

using namespace felix;

namespace {

std::optional<std::uint64_t> u64_of(std::string_view text) { return (*json::parse(text)).root().to_u64(); }
std::optional<std::int64_t> i64_of(std::string_view text) { return (*json::parse(text)).root().to_i64(); }

}  // namespace

TEST_CASE("integers are exact up to the edges of their type") {
  CHECK(u64_of("0") == 0);
  CHECK(u64_of("9007199254740993") == 9007199254740993u);
  CHECK(u64_of("18446744073709551615") == UINT64_MAX);
  CHECK(i64_of("9223372036854775807") == INT64_MAX);
  CHECK(i64_of("-9223372036854775808") == INT64_MIN);
}

TEST_CASE("an integer outside its type is no integer") {
  CHECK_FALSE(u64_of("18446744073709551616"));
  CHECK_FALSE(u64_of("-1"));
  CHECK_FALSE(u64_of("99999999999999999999999999999999999999999"));
  CHECK_FALSE(i64_of("9223372036854775808"));
  CHECK_FALSE(i64_of("-9223372036854775809"));
}

TEST_CASE("fractions, exponents, minus zero and strings are no integers") {
  for (const std::string_view text :
       {"1.0", "1e3", "1E0", "0.0", "-0", "-0.0", "1e-3", "\"1\"", "true", "null", "[1]"}) {
    INFO(text);
    CHECK_FALSE(u64_of(text));
    CHECK_FALSE(i64_of(text));
  }
}

TEST_CASE("the text of a number is kept as written") {
  for (const std::string_view text : {"-0", "1.50", "1e400", "-12.5E+7", "123456789012345678901234567890"}) {
    const auto document = json::parse(text);
    REQUIRE(document);
    CHECK(document->root().number_text() == text);
  }
  const auto document = json::parse("[10,-1.25e2,0]");
  std::string joined;
  for (const json::Value& element : document->root().elements())
    joined.append(element.number_text()).append(" ");
  CHECK(joined == "10 -1.25e2 0 ");
}
