#include "json/writer.h"

#include <catch2/catch_test_macros.hpp>

#include "base/bytes.h"

using namespace felix;

TEST_CASE("a message is written in call order without spaces") {
  std::string out = "kept|";
  {
    json::Writer writer(out);
    writer.begin_object();
    writer.member("type", "cache_put");
    writer.member_base64("value", as_bytes("cached"));
    writer.member("request_id", std::uint64_t{UINT64_MAX});
    writer.member("shard", std::uint16_t{3});
    writer.member("delta", std::int64_t{INT64_MIN});
    writer.member("flag", true);
    writer.member_null("ttl_ms");
    writer.key("start");
    writer.begin_object();
    writer.member("offset", 42u);
    writer.end_object();
    writer.key("payloads");
    writer.begin_array();
    writer.base64(as_bytes("a"));
    writer.base64(as_bytes(""));
    writer.begin_array();
    writer.end_array();
    writer.raw("[1, 2]");
    writer.null();
    writer.end_array();
    writer.key("empty");
    writer.begin_object();
    writer.end_object();
    writer.end_object();
  }
  CHECK(out == R"(kept|{"type":"cache_put","value":"Y2FjaGVk","request_id":18446744073709551615,"shard":3,)"
               R"("delta":-9223372036854775808,"flag":true,"ttl_ms":null,"start":{"offset":42},)"
               R"("payloads":["YQ==","",[],[1, 2],null],"empty":{}})");
}

TEST_CASE("strings are escaped as the protocol's vectors are") {
  std::string out;
  json::Writer(out).string(std::string_view("\"\\\b\f\n\r\t\x01\x1f\0/\x7f\xc3\xa9\xf0\x9f\x98\x80", 18));
  CHECK(out == "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\\u0000/\x7f\xc3\xa9\xf0\x9f\x98\x80\"");
}

TEST_CASE("both kinds of buffer receive the same bytes") {
  std::string text;
  std::vector<std::byte> bytes;
  const auto write = [](auto&& writer) {
    writer.begin_object();
    for (const std::string_view payload : {"", "f", "fo", "foo", "\"\n"}) {
      writer.key(payload);
      writer.base64(as_bytes(payload));
    }
    writer.member("text", "a\tb");
    writer.member("number", -7);
    writer.end_object();
  };
  write(json::Writer(text));
  write(json::BytesWriter(bytes));
  CHECK(as_text(bytes) == text);
}
