#include "telemetry/log_line.h"

#include <limits>
#include <random>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "base/bytes.h"
#include "base/utf8.h"
#include "support/seed.h"

using namespace felix;
using namespace felix::telemetry;

namespace {

const WallTime kWhen{std::chrono::seconds(1'700'000'000) + std::chrono::microseconds(42)};

std::string line(LogFormat format, std::string_view message, Fields fields) {
  return std::string(LogLine(format, kWhen, Level::warn, "transport", message, fields).text());
}

// Enough JSON to know that a line is one flat object: strings, numbers, words, nothing behind it.
bool is_flat_object(std::string_view text) {
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) < 0x20 && !(c == '\n' && i + 1 == text.size())) return false;
    if (in_string && c == '\\') {
      const std::string_view kinds = "\"\\u";
      if (i + 1 >= text.size() || kinds.find(text[++i]) == std::string_view::npos) return false;
    } else if (c == '"') {
      in_string = !in_string;
    }
  }
  return !in_string && text.starts_with("{\"time\":") && text.ends_with("}\n") && is_utf8(as_bytes(text));
}

}  // namespace

TEST_CASE("a text line reads as time, level, module, message and fields") {
  CHECK(line(LogFormat::text, "peer refused",
             {{"peer", "127.0.0.1:5000"}, {"count", 3}, {"why", "no grant"}, {"ok", false}, {"empty", ""}}) ==
        "2023-11-14T22:13:20.000042Z warn  transport: peer refused peer=127.0.0.1:5000 count=3 why=\"no "
        "grant\" "
        "ok=false empty=\"\"\n");
}

TEST_CASE("a JSON line is one object with the same content") {
  CHECK(
      line(LogFormat::json, "peer refused",
           {{"peer", std::string("a")}, {"low", -5}, {"high", std::numeric_limits<std::uint64_t>::max()}}) ==
      "{\"time\":\"2023-11-14T22:13:20.000042Z\",\"level\":\"warn\",\"module\":\"transport\",\"message\":"
      "\"peer "
      "refused\",\"peer\":\"a\",\"low\":-5,\"high\":18446744073709551615}\n");
  CHECK(line(LogFormat::json, "m", {{"ratio", 0.5}, {"nan", std::numeric_limits<double>::quiet_NaN()}})
            .ends_with("\"ratio\":0.5,\"nan\":null}\n"));
}

TEST_CASE("a value cannot end its line, forge a field or command a terminal") {
  const std::string evil =
      "x\n2023 error broker: all lost\x1b[2J\x7f\xff\xc2\x9b \xe2\x80\xa8 k=v \"q\" \\ \xc3\xa9";
  const std::string text = line(LogFormat::text, "said", {{"peer", evil}});
  CHECK(text.find('\n') == text.size() - 1);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.ends_with(
      "peer=\"x\\x0a2023 error broker: all lost\\x1b[2J\\x7f\\xff\\xc2\\x9b \\xe2\\x80\\xa8 k=v "
      "\\\"q\\\" \\\\ \xc3\xa9\"\n"));
  const std::string json = line(LogFormat::json, "said", {{"peer", evil}});
  CHECK(is_flat_object(json));
  CHECK(json.find("x\\u000a2023") != std::string::npos);
}

TEST_CASE("a line is bounded and says when it lost something") {
  const std::string huge(100'000, 'a');
  for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
    const std::string one = line(format, "m", {{"v", huge}, {"after", 1}});
    CHECK(one.size() < LogLine::kMaxLineBytes);
    CHECK(one.find(format == LogFormat::text ? "after=1" : "\"after\":1") != std::string::npos);
    CHECK(one.find("truncated") != std::string::npos);
    const std::string many =
        line(format, huge, {{"a", huge}, {"b", huge}, {"c", huge}, {"d", huge}, {"e", 7}});
    CHECK(many.size() <= LogLine::kMaxLineBytes);
    CHECK(many.find("truncated") != std::string::npos);
    if (format == LogFormat::json) CHECK(is_flat_object(many));
  }
}

TEST_CASE("any bytes in any field keep a JSON line one object within its bound") {
  CAPTURE(test::seed());
  std::mt19937_64 random(test::seed());
  for (int round = 0; round < 3000; ++round) {
    std::string values[4];
    for (std::string& value : values) {
      value.resize(random() % (random() % 4 == 0 ? 3000 : 30));
      for (char& c : value) c = static_cast<char>(random());
    }
    const std::string json =
        line(LogFormat::json, values[0], {{"a", values[1]}, {"b", values[2]}, {"c", values[3]}});
    REQUIRE(json.size() <= LogLine::kMaxLineBytes);
    REQUIRE(is_flat_object(json));
  }
}
