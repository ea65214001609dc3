#include <catch2/catch_test_macros.hpp>

#include "base/hex.h"
#include "base/utf8.h"

using namespace felix;

TEST_CASE("hex is written in lowercase and read in either case") {
  CHECK(encode_hex(as_bytes(std::string_view("\x00\x7f\xff", 3))) == "007fff");
  CHECK(as_text(*decode_hex("6869")) == "hi");
  CHECK(*decode_hex("aBcD") == *decode_hex("AbCd"));
  for (const std::string_view text : {"a", "0x", "zz", "1 ", " 1", "\xff\xff"}) CHECK_FALSE(decode_hex(text));
}

TEST_CASE("well-formed UTF-8 is recognised up to the edges of every length") {
  for (const std::string_view text :
       {"", "plain", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "eight by\xc3\xa9 and more plain text"})
    CHECK(is_utf8(as_bytes(text)));
  CHECK(is_utf8(as_bytes(std::string_view("\0", 1))));
}

TEST_CASE("overlong, cut, surrogate and out-of-range sequences are not UTF-8") {
  for (const std::string_view text :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x9f\xbf", "\xe2\x82", "\xe2\x82(",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x9f\x98", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xfe", "\xff", "seven..\xff", "eight...\xc3"}) {
    INFO(text.size());
    CHECK_FALSE(is_utf8(as_bytes(text)));
  }
}
