#include <random>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "json/reader.h"
#include "json/writer.h"
#include "support/seed.h"

using namespace felix;

namespace {

std::string random_text(std::mt19937_64& random) {
  static constexpr std::string_view kPieces[] = {
      "a", "\"", "\\", "\n", "\x01", "/", "\x7f", "\xc3\xa9", "\xf0\x9f\x98\x80", "plain words", "\t", "\b"};
  std::string text;
  for (auto left = random() % 8; left > 0; --left) text += kPieces[random() % std::size(kPieces)];
  return text;
}

void write_random(std::mt19937_64& random, json::Writer& writer, int depth) {
  switch (random() % (depth > 0 ? 7 : 5)) {
    case 0:
      return writer.null();
    case 1:
      return writer.boolean(random() % 2 == 0);
    case 2:
      return writer.u64(random() >> random() % 64);
    case 3:
      return writer.i64(-static_cast<std::int64_t>((random() >> random() % 64 >> 1) + 1));
    case 4:
      return writer.string(random_text(random));
    case 5:
      writer.begin_array();
      for (auto left = random() % 6; left > 0; --left) write_random(random, writer, depth - 1);
      return writer.end_array();
    default:
      writer.begin_object();
      for (auto left = random() % 40; left > 0; --left) {
        writer.key(random_text(random) + std::to_string(left));
        write_random(random, writer, depth - 1);
      }
      return writer.end_object();
  }
}

void write_again(const json::Value& value, json::Writer& writer) {
  switch (value.kind()) {
    case json::Kind::null:
      return writer.null();
    case json::Kind::boolean:
      return writer.boolean(value.as_bool());
    case json::Kind::number:
      if (const auto natural = value.to_u64()) return writer.u64(*natural);
      return writer.i64(value.to_i64().value());
    case json::Kind::string:
      return writer.string(value.as_string());
    case json::Kind::array:
      writer.begin_array();
      for (const json::Value& element : value.elements()) write_again(element, writer);
      return writer.end_array();
    case json::Kind::object:
      writer.begin_object();
      for (const json::Value& member : value.members()) {
        CHECK(value.find(member.name()) == &member);
        writer.key(member.name());
        write_again(member, writer);
      }
      return writer.end_object();
  }
}

}  // namespace

TEST_CASE("what was written is read and written again to the same bytes") {
  std::mt19937_64 random(test::seed());
  json::Reader reader;
  for (int round = 0; round < 300; ++round) {
    std::string first;
    {
      json::Writer writer(first);
      write_random(random, writer, 4);
    }
    const auto parsed = reader.parse(first);
    INFO("round " << round << ": " << first);
    REQUIRE(parsed);
    std::string second;
    {
      json::Writer writer(second);
      write_again(**parsed, writer);
    }
    REQUIRE(second == first);
  }
}

TEST_CASE("a text cut or altered anywhere is refused or read, never misread beyond its end") {
  std::mt19937_64 random(test::seed());
  std::string text;
  {
    json::Writer writer(text);
    writer.begin_object();
    for (int i = 0; i < 30; ++i) {
      writer.key(std::to_string(i) + random_text(random));
      write_random(random, writer, 3);
    }
    writer.end_object();
  }
  json::Reader reader;
  for (std::size_t cut = 0; cut < text.size(); ++cut) {
    const std::vector<char> exact(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(cut));
    REQUIRE_FALSE(reader.parse({exact.data(), exact.size()}));
  }
  for (int round = 0; round < 2000; ++round) {
    std::string altered = text;
    altered[random() % altered.size()] = static_cast<char>(random());
    if (const auto parsed = reader.parse(altered)) {
      std::size_t total = 0;
      for (const json::Value& member : (*parsed)->members()) total += member.name().size();
      REQUIRE(total <= altered.size());
    }
  }
}
