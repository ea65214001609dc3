#include "storage/ring_log.h"

#include <cstdint>
#include <random>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "support/seed.h"

using namespace felix;
using namespace felix::storage;

namespace {

constexpr std::size_t kPlenty = std::size_t{1} << 40;

wire::RecordRun numbered_run(Offset first, std::uint32_t count, std::size_t size = 8) {
  wire::RecordRunBuilder builder;
  std::vector<std::byte> record(size);
  for (std::uint32_t i = 0; i < count; ++i) {
    store_be<std::uint64_t>(record.data(), first + i);
    builder.append(record);
  }
  return builder.finish();
}

// The offsets read, checked against payloads and batch bases.
std::vector<Offset> read_offsets(const RingLog& log, Offset from) {
  std::vector<Offset> offsets;
  const auto batches = log.read(from);
  REQUIRE(batches);
  for (const LogBatch& batch : *batches) {
    REQUIRE(batch.base_offset == from + offsets.size());
    for (const Bytes record : batch.run) {
      REQUIRE(load_be<std::uint64_t>(record.data()) == from + offsets.size());
      offsets.push_back(from + offsets.size());
    }
  }
  return offsets;
}

}  // namespace

TEST_CASE("an empty ring starts at offset 0 and can be read from its tail") {
  flow::Budget budget(kPlenty);
  const RingLog log({}, budget);
  CHECK(log.oldest() == 0);
  CHECK(log.tail() == 0);
  CHECK(read_offsets(log, 0).empty());
  CHECK(log.read(1).error().code == Errc::in_future);
}

TEST_CASE("the bound on records is exact even inside a batch, and a cursor below it is too old") {
  flow::Budget budget(kPlenty);
  RingLog log({10, kPlenty}, budget);
  CHECK(log.append(numbered_run(0, 8), {nullptr, 100}) == 0);
  CHECK(log.append(numbered_run(8, 5), {nullptr, 200}) == 8);
  CHECK(log.oldest() == 3);
  CHECK(log.tail() == 13);
  CHECK(read_offsets(log, 3).size() == 10);
  CHECK(read_offsets(log, 9).size() == 4);
  CHECK(read_offsets(log, 13).empty());
  CHECK(log.read(2).error().code == Errc::too_old);
  CHECK(log.read(14).error().code == Errc::in_future);
  const auto batches = log.read(5);
  REQUIRE(batches);
  CHECK(batches->front().provenance.appended_at_us == 100);
  CHECK(batches->back().provenance.appended_at_us == 200);
}

TEST_CASE("a run larger than the ring takes its offsets and leaves its newest records", "[L-04]") {
  flow::Budget budget(kPlenty);
  RingLog log({10, kPlenty}, budget);
  CHECK(log.append(numbered_run(0, 3), {nullptr, 0}) == 0);
  CHECK(log.append(numbered_run(3, 100), {nullptr, 0}) == 3);
  CHECK(log.append(numbered_run(103, 1), {nullptr, 0}) == 103);
  CHECK(log.oldest() == 94);
  CHECK(read_offsets(log, 94).size() == 10);
}

TEST_CASE("the byte bound counts frames, and a run beyond it leaves the ring empty, not wrong") {
  flow::Budget budget(kPlenty);
  RingLog log({1000, 100'000}, budget);
  log.append(numbered_run(0, 1, 60'000), {nullptr, 0});
  log.append(numbered_run(1, 1, 20'000), {nullptr, 0});
  CHECK(log.oldest() == 0);
  log.append(numbered_run(2, 1, 30'000), {nullptr, 0});
  CHECK(log.oldest() == 1);
  CHECK(log.bytes() <= 100'000);
  log.append(numbered_run(3, 4, 60'000), {nullptr, 0});
  CHECK(log.oldest() == 7);
  CHECK(log.tail() == 7);
  CHECK(log.bytes() == 0);
  CHECK(log.read(3).error().code == Errc::too_old);
  CHECK(read_offsets(log, 7).empty());
  log.append(numbered_run(7, 2), {nullptr, 0});
  CHECK(read_offsets(log, 7).size() == 2);
}

TEST_CASE("a ring gives way when the account it shares is over its limit, and gives all back at its end") {
  flow::Budget budget(100'000);
  {
    RingLog log({1000, kPlenty}, budget);
    RingLog other({1000, kPlenty}, budget);
    log.append(numbered_run(0, 1, 60'000), {nullptr, 0});
    other.append(numbered_run(0, 1, 10'000), {nullptr, 0});
    CHECK(budget.used_bytes() == log.bytes() + other.bytes());
    log.append(numbered_run(1, 1, 60'000), {nullptr, 0});
    CHECK(log.oldest() == 1);
    CHECK(other.oldest() == 0);
    CHECK(budget.used_bytes() <= budget.limit_bytes());
  }
  CHECK(budget.used_bytes() == 0);
}

TEST_CASE("the ring is contiguous up to its tail or empty, whatever is appended and read", "[L-03]") {
  CAPTURE(test::seed());
  std::mt19937_64 random(test::seed());
  for (int round = 0; round < 100; ++round) {
    flow::Budget budget(20'000 + random() % 40'000);
    const RingBounds bounds{random() % 40, 5'000 + random() % 50'000};
    RingLog log(bounds, budget);
    Offset tail = 0;
    for (int step = 0; step < 200; ++step) {
      const auto count = static_cast<std::uint32_t>(1 + random() % (random() % 10 == 0 ? 60 : 5));
      REQUIRE(log.append(numbered_run(tail, count, 8 + random() % 600), {nullptr, step}) == tail);
      tail += count;
      REQUIRE(log.tail() == tail);
      REQUIRE(log.oldest() <= tail);
      REQUIRE(tail - log.oldest() <= bounds.records);
      REQUIRE(log.bytes() <= bounds.bytes);
      REQUIRE(budget.used_bytes() == log.bytes());
      REQUIRE(budget.used_bytes() <= budget.limit_bytes());
      const Offset from = random() % (tail + 2);
      if (from < log.oldest()) {
        REQUIRE(log.read(from).error().code == Errc::too_old);
      } else if (from > tail) {
        REQUIRE(log.read(from).error().code == Errc::in_future);
      } else {
        REQUIRE(read_offsets(log, from).size() == tail - from);
      }
    }
  }
}
