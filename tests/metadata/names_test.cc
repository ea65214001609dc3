#include "metadata/names.h"

#include <string>

#include <catch2/catch_test_macros.hpp>

using namespace felix;

TEST_CASE("names are 1 to 255 bytes of UTF-8") {
  for (const std::string& name : {std::string("a"), std::string("orders.eu-1_x"), std::string("caf\xc3\xa9"),
                                  std::string("with space"), std::string(255, 'a')})
    CHECK(metadata::check_name("stream", name));
}

TEST_CASE("names that grants or paths could misread are refused") {
  for (const std::string& name :
       {std::string(), std::string(256, 'a'), std::string("*"), std::string("a*"), std::string("a:b"),
        std::string("a/b"), std::string("a\nb"), std::string("\x7f"), std::string("a\0b", 3),
        std::string("\xff"), std::string("\xed\xa0\x80")}) {
    const auto checked = metadata::check_name("stream", name);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().code == Errc::invalid_request);
    CHECK(checked.error().context.starts_with("stream name"));
  }
}
