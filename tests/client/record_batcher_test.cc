#include "client/record_batcher.h"

#include <random>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "support/seed.h"

using namespace felix;
using namespace felix::client;

TEST_CASE("A batch is cut before the record that does not fit, and a large record goes alone") {
  RecordBatcher batcher(3, 20);
  CHECK_FALSE(batcher.add(as_bytes("aaaa")));
  CHECK_FALSE(batcher.add(as_bytes("bbbb")));
  CHECK_FALSE(batcher.full());
  const auto cut = batcher.add(as_bytes(std::string(100, 'x')));
  REQUIRE(cut);
  CHECK(cut->count() == 2);
  CHECK(batcher.full());
  const auto alone = batcher.add(as_bytes("c"));
  REQUIRE(alone);
  CHECK(alone->count() == 1);
  CHECK(batcher.take().count() == 1);
  CHECK(batcher.take().empty());
}

TEST_CASE("Batches hold every record once, in order, within both limits") {
  const std::uint64_t seed = felix::test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 50; ++round) {
    const auto max_records = static_cast<std::uint32_t>(1 + random() % 8);
    const std::size_t max_bytes = 1 + random() % 64;
    RecordBatcher batcher(max_records, max_bytes);
    std::string expected;
    std::string seen;
    const auto note = [&](const wire::RecordRun& run) {
      CHECK(run.count() <= max_records);
      CHECK((run.count() == 1 || run.encoded_bytes() <= max_bytes));
      for (const Bytes record : run) seen += std::string(as_text(record)) + "|";
    };
    for (int i = 0; i < 100; ++i) {
      const std::string record(random() % 30, static_cast<char>('a' + i % 26));
      expected += record + "|";
      if (auto cut = batcher.add(as_bytes(record))) note(*cut);
      if (batcher.full() || random() % 5 == 0)
        if (!batcher.empty()) note(batcher.take());
    }
    if (!batcher.empty()) note(batcher.take());
    CHECK(seen == expected);
  }
}
