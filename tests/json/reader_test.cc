#include "json/reader.h"

#include <string>

#include <catch2/catch_test_macros.hpp>

using namespace felix;
using json::Kind;
using json::Value;

namespace {

Errc refusal_of(std::string_view text, const json::Limits& limits = {}) {
  json::Reader reader(limits);
  const auto parsed = reader.parse(text);
  INFO("text: " << text.substr(0, 80));
  REQUIRE_FALSE(parsed.has_value());
  INFO("context: " << parsed.error().context);
  REQUIRE(parsed.error().context.starts_with("JSON: "));
  REQUIRE(parsed.error().context.find('\n') == std::string::npos);
  return parsed.error().code;
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

bool inside(std::string_view part, std::string_view whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

}  // namespace

TEST_CASE("a message is read with its members in order") {
  const std::string text = R"( {"type":"publish" , "n":7,"deep":{"a":[1,{"b":null},true]},"last":false} )"
                           "\r\n\t ";
  json::Reader reader;
  const auto parsed = reader.parse(text);
  REQUIRE(parsed);
  const Value& root = **parsed;
  REQUIRE(root.kind() == Kind::object);
  REQUIRE(root.size() == 4);
  std::string names;
  for (const Value& member : root.members()) names.append(member.name()).append(" ");
  CHECK(names == "type n deep last ");
  CHECK(root.find("type")->as_string() == "publish");
  CHECK(root.find("n")->to_u64() == 7);
  CHECK(root.find("a") == nullptr);
  CHECK_FALSE(root.find("last")->as_bool());
  const Value& array = *root.find("deep")->find("a");
  REQUIRE(array.size() == 3);
  auto element = array.elements().begin();
  CHECK(element->to_i64() == 1);
  ++element;
  CHECK(element->find("b")->is_null());
  ++element;
  CHECK(element->as_bool());
  CHECK(++element == array.elements().end());
  CHECK(root.elements().begin() == root.elements().end());
  CHECK(array.find("b") == nullptr);
}

TEST_CASE("any value may stand at the root") {
  json::Reader reader;
  CHECK((*reader.parse("42"))->number_text() == "42");
  CHECK((*reader.parse("-0"))->number_text() == "-0");
  CHECK((*reader.parse("\"\""))->as_string().empty());
  CHECK((*reader.parse("null"))->is_null());
  CHECK((*reader.parse("[]"))->size() == 0);
  CHECK((*reader.parse("{}"))->size() == 0);
}

TEST_CASE("strings without escapes are views into the text") {
  const std::string text = R"({"key":"a plain string, long enough to leave every small buffer behind"})";
  json::Reader reader;
  const Value* root = *reader.parse(text);
  CHECK(inside(root->find("key")->as_string(), text));
  CHECK(inside(root->find("key")->name(), text));
}

TEST_CASE("escapes are resolved in names and values, however many there are") {
  std::string text = R"({"\u0061\"":"\b\f\n\r\t\/\\\u0008\u000C\u00e9\u20ac\ud83d\ude00","long":")";
  std::string expected;
  for (int i = 0; i < 5000; ++i) {
    text += "x\\u00e9";
    expected += "x\xc3\xa9";
  }
  text += "\"}";
  json::Reader reader;
  const Value* root = *reader.parse(text);
  REQUIRE(root->find("a\"") != nullptr);
  CHECK(root->find("a\"")->as_string() == "\b\f\n\r\t/\\\b\f\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
  CHECK(root->find("long")->as_string() == expected);
  CHECK((*reader.parse(R"("\u0000")"))->as_string() == std::string_view("\0", 1));
}

TEST_CASE("a member that occurs twice is refused at any depth and in any spelling") {
  CHECK(refusal_of(R"({"a":1,"a":1})") == Errc::malformed);
  CHECK(refusal_of(R"({"a":1,"b":2,"\u0061":3})") == Errc::malformed);
  CHECK(refusal_of(R"([{"x":{"":1,"":2}}])") == Errc::malformed);
  json::Reader reader;
  CHECK(reader.parse(R"({"a":{"a":{"a":1}},"b":{"a":1}})"));
}

TEST_CASE("an object of a hundred thousand members is checked without comparing all pairs") {
  std::string text = "{";
  for (int i = 0; i < 100'000; ++i) text += "\"member-" + std::to_string(i) + "\":0,";
  std::string distinct = text + "\"end\":0}";
  CHECK(json::parse(distinct));
  CHECK(refusal_of(text + "\"member-77\":0}") == Errc::malformed);
}

TEST_CASE("bytes after the value are refused, spaces are not") {
  CHECK(refusal_of("{}{}") == Errc::malformed);
  CHECK(refusal_of("{} x") == Errc::malformed);
  CHECK(refusal_of(std::string_view("{}\0", 3)) == Errc::malformed);
  CHECK(refusal_of("1 2") == Errc::malformed);
  CHECK(json::parse("{} \t\r\n"));
}

TEST_CASE("what is not JSON is refused") {
  for (const std::string_view text : {"",
                                      " ",
                                      "{",
                                      "[1,]",
                                      "{\"a\":1,}",
                                      "{'a':1}",
                                      "{a:1}",
                                      "[1 2]",
                                      "nul",
                                      "True",
                                      "NaN",
                                      "Infinity",
                                      "-",
                                      "01",
                                      "+1",
                                      ".5",
                                      "1.",
                                      "1e",
                                      "0x10",
                                      "\"",
                                      "\"\\x\"",
                                      "\"\\u12\"",
                                      "\"tab\there\"",
                                      "// c\n1",
                                      "/* c */ 1",
                                      "\xef\xbb\xbf{}",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "]",
                                      "{\"a\":1]"})
    CHECK(refusal_of(text) == Errc::malformed);
}

TEST_CASE("invalid UTF-8 and lone surrogates are refused in names and values") {
  for (const std::string_view bad :
       {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80", "\\ud800", "\\udc00",
        "\\ud800\\ud800", "\\ud83dx", "\\ud83d\\u0041"}) {
    CHECK(refusal_of("{\"a\":\"" + std::string(bad) + "\"}") == Errc::malformed);
    CHECK(refusal_of("{\"" + std::string(bad) + "\":1}") == Errc::malformed);
  }
}

TEST_CASE("nesting is allowed up to the limit exactly") {
  CHECK(json::parse(nested(64)));
  CHECK(refusal_of(nested(65)) == Errc::too_large);
  CHECK(refusal_of(std::string(1'000'000, '[')) == Errc::too_large);
  CHECK(json::parse(nested(3), {.max_depth = 3}));
  CHECK(refusal_of(nested(4), {.max_depth = 3}) == Errc::too_large);
}

TEST_CASE("size and number of values are bounded exactly") {
  CHECK(json::parse("[1,2]", {.max_bytes = 5}));
  CHECK(refusal_of("[1,2] ", {.max_bytes = 5}) == Errc::too_large);
  CHECK(json::parse("[1,2]", {.max_values = 3}));
  CHECK(refusal_of("[1,2,3]", {.max_values = 3}) == Errc::too_large);
}

TEST_CASE("a reader refused or surprised by one text reads the next one well") {
  json::Reader reader;
  std::string large = "[";
  for (int i = 0; i < 20'000; ++i) large += "\"\\n\",";
  large += "0]";
  for (int round = 0; round < 3; ++round) {
    REQUIRE_FALSE(reader.parse(R"({"a":[1,2,{"b":"\u00)"));
    REQUIRE_FALSE(reader.parse(R"({"a":1,"a":2})"));
    REQUIRE((*reader.parse(large))->size() == 20'001);
    const auto parsed = reader.parse(R"({"k":"v\n"})");
    REQUIRE(parsed);
    CHECK((*parsed)->find("k")->as_string() == "v\n");
    CHECK((*parsed)->find("k")->name() == "k");
  }
}

TEST_CASE("a document keeps its tree when it is moved") {
  const std::string text = R"({"a":"\u00e9"})";
  auto parsed = json::parse(text);
  REQUIRE(parsed);
  const json::Document document = std::move(*parsed);
  CHECK(document.root().find("a")->as_string() == "\xc3\xa9");
}
