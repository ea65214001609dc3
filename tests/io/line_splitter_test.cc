#include "io/line_splitter.h"

#include <random>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "support/seed.h"

using namespace felix;
using io::Framing;
using io::LineSplitter;

namespace {

using Records = std::vector<std::string>;

void take_all(LineSplitter& splitter, Records& into) {
  for (;;) {
    const auto record = splitter.next();
    REQUIRE(record);
    if (!*record) return;
    into.emplace_back(as_text(**record));
  }
}

Records split(Framing framing, std::string_view input) {
  LineSplitter splitter(framing, 1000);
  splitter.append(as_bytes(input));
  splitter.finish();
  Records records;
  take_all(splitter, records);
  return records;
}

Error error_of(LineSplitter& splitter) {
  for (;;) {
    const auto record = splitter.next();
    if (!record) return record.error();
    REQUIRE(*record);
  }
}

std::string delimited(std::string_view record) {
  std::vector<std::byte> out;
  ByteWriter writer(out);
  writer.u32(static_cast<std::uint32_t>(record.size()));
  writer.text(record);
  return std::string(as_text(out));
}

}  // namespace

TEST_CASE("Lines are records; an unfinished last one counts, empty ones too, and nothing else is special") {
  CHECK(split(Framing::lines, "") == Records{});
  CHECK(split(Framing::lines, "a") == Records{"a"});
  CHECK(split(Framing::lines, "a\n") == Records{"a"});
  CHECK(split(Framing::lines, "\n\nb") == Records{"", "", "b"});
  CHECK(split(Framing::lines, "cr\r\nx") == Records{"cr\r", "x"});
  CHECK(split(Framing::lines, std::string_view("a\0b\n", 4)) == Records{std::string("a\0b", 3)});
}

TEST_CASE("Length-delimited records may hold anything, also nothing") {
  CHECK(split(Framing::length_delimited, "") == Records{});
  CHECK(split(Framing::length_delimited, delimited("a\nb") + delimited("") + delimited("c")) ==
        Records{"a\nb", "", "c"});
}

TEST_CASE("However the input is cut into chunks, the records are the same") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 300; ++round) {
    const Framing framing = round % 2 == 0 ? Framing::lines : Framing::length_delimited;
    Records expected;
    std::string input;
    for (std::uint64_t i = random() % 20; i > 0; --i) {
      std::string record;
      for (std::uint64_t k = random() % 40; k > 0; --k) record += static_cast<char>('a' + random() % 26);
      expected.push_back(record);
      input += framing == Framing::lines ? record + "\n" : delimited(record);
    }
    LineSplitter splitter(framing, 39);
    Records got;
    for (std::size_t at = 0; at < input.size();) {
      const std::size_t size = std::min<std::size_t>(random() % 30, input.size() - at);
      splitter.append(as_bytes(std::string_view(input).substr(at, size)));
      at += size;
      if (random() % 3 != 0) take_all(splitter, got);
    }
    splitter.finish();
    take_all(splitter, got);
    REQUIRE(got == expected);
    REQUIRE(splitter.records() == expected.size());
  }
}

TEST_CASE("A line over the limit is refused by its number, even before it ends") {
  LineSplitter whole(Framing::lines, 3);
  whole.append(as_bytes("abc\n\nabcd\n"));
  const Error error = error_of(whole);
  CHECK(error.code == Errc::too_large);
  CHECK(error.context.starts_with("line 3 "));

  LineSplitter endless(Framing::lines, 3);
  endless.append(as_bytes("abc"));
  CHECK_FALSE(endless.next().value().has_value());
  endless.append(as_bytes("d"));
  CHECK(error_of(endless).context.starts_with("line 1 "));
}

TEST_CASE("A length over the limit is refused before its bytes come, with a hint at text given by mistake") {
  LineSplitter splitter(Framing::length_delimited, 1000);
  splitter.append(as_bytes("plain text\n"));
  const Error error = error_of(splitter);
  CHECK(error.code == Errc::too_large);
  CHECK(error.context.starts_with("record 1 has 1886151017 bytes"));
  CHECK(error.context.find("length-delimited") != std::string::npos);
}

TEST_CASE("Input that ends inside a length-delimited record is malformed") {
  const std::string whole = delimited("one") + delimited("two");
  for (std::size_t cut = 8; cut < whole.size(); ++cut) {
    LineSplitter splitter(Framing::length_delimited, 1000);
    splitter.append(as_bytes(std::string_view(whole).substr(0, cut)));
    splitter.finish();
    const Error error = error_of(splitter);
    CHECK(error.code == Errc::malformed);
    CHECK(error.context.starts_with("record 2: "));
  }
}
