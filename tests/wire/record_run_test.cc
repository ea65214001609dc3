#include "wire/record_run.h"

#include <limits>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "fuzz/requested_bytes.h"
#include "support/seed.h"

namespace felix::wire {
namespace {

std::vector<std::string> texts(const RecordRun& run) {
  std::vector<std::string> out;
  for (const Bytes record : run) out.emplace_back(as_text(record));
  return out;
}

RecordRun run_of(const std::vector<std::string>& records) {
  RecordRunBuilder builder;
  for (const std::string& record : records) builder.append(as_bytes(record));
  return builder.finish();
}

std::vector<std::string> random_records(std::mt19937_64& random) {
  std::vector<std::string> records(random() % 30);
  for (std::string& record : records)
    record.assign(random() % 3 == 0 ? 0 : random() % 700, static_cast<char>('a' + random() % 26));
  return records;
}

}  // namespace

TEST_CASE("records are what was appended") {
  const RecordRun run = run_of({"a", "", "bc"});
  CHECK(run.count() == 3);
  CHECK(run.encoded_bytes() == 15);
  CHECK(run.payload_bytes() == 3);
  CHECK(as_text(run.front()) == "a");
  CHECK(texts(run) == std::vector<std::string>{"a", "", "bc"});
  CHECK(RecordRun().empty());
  CHECK(texts(RecordRun()).empty());
  CHECK(texts(RecordRun::single(as_bytes("x"))) == std::vector<std::string>{"x"});
}

TEST_CASE("a builder can be used again, and what it made stays") {
  RecordRunBuilder builder(1000);
  builder.append(as_bytes("one"));
  const RecordRun first = builder.finish();
  CHECK(builder.finish().empty());
  builder.append(as_bytes("two"));
  const RecordRun second = builder.finish();
  CHECK(texts(first) == std::vector<std::string>{"one"});
  CHECK(texts(second) == std::vector<std::string>{"two"});
}

TEST_CASE("parsing shares the bytes and cuts off what follows") {
  const RecordRun run = run_of({"a", "bc"});
  std::vector<std::byte> bytes(run.slice().bytes().begin(), run.slice().bytes().end());
  bytes.resize(bytes.size() + 3);
  const flow::Slice slice = flow::Slice::copy_of(bytes);
  const auto parsed = RecordRun::parse(slice, 2);
  REQUIRE(parsed.has_value());
  CHECK(parsed->slice().bytes().data() == slice.bytes().data());
  CHECK(parsed->encoded_bytes() == 11);
  CHECK(RecordRun::parse(slice, 1)->encoded_bytes() == 5);
  CHECK(RecordRun::parse(slice, 0)->empty());
  CHECK(RecordRun::parse({}, 0)->empty());
}

TEST_CASE("twenty bytes that declare four billion records are refused without an allocation for them",
          "[L-81]") {
  constexpr std::size_t kRefusalBytes = 1024;  // its words
  for (const std::uint32_t count : {UINT32_MAX, std::uint32_t{1} << 30, std::uint32_t{6}}) {
    const flow::Slice bytes = flow::Slice::copy_of(std::vector<std::byte>(20));
    const std::uint64_t before = fuzz::requested_bytes();
    const auto parsed = RecordRun::parse(bytes, count);
    const std::uint64_t requested = fuzz::requested_bytes() - before;
    CHECK(parsed.error().code == Errc::malformed);
    CHECK(requested <= kRefusalBytes);
  }
}

TEST_CASE("a count or a length that the bytes do not hold is malformed") {
  const flow::Slice slice = run_of({"a", "bc"}).slice();
  for (const std::uint32_t count : {3u, 4u, 1000u, std::numeric_limits<std::uint32_t>::max()})
    CHECK_FALSE(RecordRun::parse(slice, count).has_value());
  CHECK_FALSE(RecordRun::parse({}, 1).has_value());
  for (std::size_t size = 0; size < slice.size(); ++size)
    CHECK_FALSE(RecordRun::parse(slice.sub(0, size), 2).has_value());
  const std::byte huge[] = {std::byte{0xff}, std::byte{0xff}, std::byte{0xff}, std::byte{0xff}, std::byte{1}};
  CHECK_FALSE(RecordRun::parse(flow::Slice::copy_of(huge), 1).has_value());
}

TEST_CASE("a part of a run is that part, in the same Frame") {
  const RecordRun run = run_of({"a", "", "bc", "def"});
  CHECK(texts(run.sub_run(1, 2)) == std::vector<std::string>{"", "bc"});
  CHECK(run.sub_run(2, 0).empty());
  CHECK(run.sub_run(4, 0).empty());
  CHECK(run.sub_run(3, 1).slice().bytes().data() == run.slice().bytes().data() + 15);
}

TEST_CASE("a record over the byte limit goes alone") {
  RecordRun run = run_of({"aaaaaaaa", "b", "c"});
  CHECK(texts(run.split_front(64, 5)) == std::vector<std::string>{"aaaaaaaa"});
  CHECK(texts(run.split_front(64, 5)) == std::vector<std::string>{"b"});
  CHECK(texts(run.split_front(64, 5)) == std::vector<std::string>{"c"});
  CHECK(run.empty());
}

TEST_CASE("splitting loses nothing, keeps the order and both limits") {
  std::mt19937_64 random(test::seed());
  CAPTURE(test::seed());
  for (int round = 0; round < 500; ++round) {
    const std::vector<std::string> records = random_records(random);
    RecordRun rest = run_of(records);
    const auto max_records = static_cast<std::uint32_t>(1 + random() % 8);
    const std::size_t max_bytes = random() % 2000;
    std::vector<std::string> seen;
    while (!rest.empty()) {
      const RecordRun part = rest.split_front(max_records, max_bytes);
      REQUIRE(part.count() >= 1);
      REQUIRE(part.count() <= max_records);
      REQUIRE((part.count() == 1 || part.encoded_bytes() <= max_bytes));
      for (std::string& text : texts(part)) seen.push_back(std::move(text));
    }
    REQUIRE(seen == records);
  }
}

TEST_CASE("what is built can be parsed again, byte for byte") {
  std::mt19937_64 random(test::seed());
  CAPTURE(test::seed());
  for (int round = 0; round < 500; ++round) {
    const std::vector<std::string> records = random_records(random);
    const RecordRun run = run_of(records);
    const auto parsed = RecordRun::parse(run.slice(), run.count());
    REQUIRE(parsed.has_value());
    REQUIRE(texts(*parsed) == records);
    REQUIRE(parsed->encoded_bytes() == run.encoded_bytes());
  }
}

}  // namespace felix::wire
