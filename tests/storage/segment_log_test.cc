#include "storage/segment_log.h"

#include <random>

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

#include "stored_records.h"
#include "support/seed.h"
#include "support/virtual_disk.h"

using namespace felix;
using namespace felix::storage;
using test::batch_at;
using test::kDirectory;
using test::VirtualDisk;
using Operation = VirtualDisk::Operation;

namespace {

constexpr SegmentLogOptions kSmall{test::kLogId, kHeaderPageBytes + 2'000};

void append(SegmentLog& log, std::uint32_t count = 4, std::size_t record_bytes = 60) {
  REQUIRE(test::append(log, count, record_bytes));
}

}  // namespace

TEST_CASE("an empty log has no file, begins at 0 and can be read from its tail") {
  VirtualDisk disk;
  auto log = *SegmentLog::open(disk, kDirectory, kSmall);
  CHECK(log.oldest() == 0);
  CHECK(log.tail() == 0);
  CHECK(log.segments() == 0);
  CHECK(disk.list(kDirectory)->empty());
  CHECK(log.read(0, 100)->empty());
  CHECK(log.read(1, 100).error().code == Errc::in_future);
  REQUIRE(test::tidy(log));
  CHECK(disk.list(kDirectory)->empty());
}

TEST_CASE("records come back from every offset, across segments, with who published them and when") {
  VirtualDisk disk;
  auto log = *SegmentLog::open(disk, kDirectory, kSmall);
  const auto publisher = std::make_shared<const std::string>("service:orders");
  for (int i = 0; i < 20; ++i) {
    auto batch = batch_at(log.tail(), 4, 60);
    if (i % 2 == 0) batch.provenance.publisher = publisher;
    if (i % 3 == 0) batch.producer = ProducerMark{9, static_cast<std::uint64_t>(i)};
    REQUIRE(log.append({&batch, 1}, test::kTimeUs));
  }
  CHECK(log.segments() > 2);
  for (const bool reopened : {false, true}) {
    if (reopened) log = *SegmentLog::open(disk, kDirectory, kSmall);
    for (Offset from = 0; from < 80; ++from) {
      const auto batches = log.read(from, 1);
      REQUIRE(batches);
      REQUIRE(batches->size() == 1);
      const StoredBatch& batch = batches->front();
      const auto number = from / 4;
      CHECK(batch.base_offset == from);
      CHECK(batch.end_offset() == (number + 1) * 4);
      CHECK(batch.provenance.appended_at_us == test::kTimeUs + static_cast<std::int64_t>(number * 4));
      CHECK((batch.provenance.publisher != nullptr) == (number % 2 == 0));
      CHECK(batch.producer.has_value() == (number % 3 == 0));
    }
    CHECK(test::read_all(log) == 80);
  }
}

TEST_CASE("a log agrees with a list, whatever is appended, kept, cut and read") {
  std::mt19937_64 random(test::seed());
  VirtualDisk disk;
  auto log = *SegmentLog::open(disk, kDirectory, kSmall);
  std::vector<std::size_t> sizes;  // of all records ever
  for (int i = 0; i < 600; ++i) {
    switch (random() % 10) {
      case 0:
        REQUIRE(log.sync());
        break;
      case 1:
        REQUIRE(test::tidy(log));
        break;
      case 2:
        log = *SegmentLog::open(disk, kDirectory, kSmall);
        break;
      case 3:
        REQUIRE(log.retain({.bytes = 30'000, .age = {}}, test::kTimeUs));
        break;
      default: {
        std::vector<StoredBatch> group;
        for (auto left = random() % 4 + 1; left > 0; --left) {
          const std::size_t size = random() % 20 == 0 ? 3'000 : random() % 100 + 8;
          const auto count = static_cast<std::uint32_t>(random() % 5 + 1);
          group.push_back(batch_at(sizes.size(), count, size));
          sizes.insert(sizes.end(), count, size);
        }
        REQUIRE(log.append(group, test::kTimeUs));
      }
    }
    REQUIRE(log.tail() == sizes.size());
    const Offset from = log.oldest() + random() % (log.tail() - log.oldest() + 1);
    const auto batches = log.read(from, random() % 5'000);
    REQUIRE(batches);
    REQUIRE(batches->empty() == (from == log.tail()));
    Offset next = from;
    for (const StoredBatch& batch : *batches)
      for (const Bytes record : batch.run) {
        REQUIRE(std::ranges::equal(record, test::record_at(next, sizes[next])));
        ++next;
      }
  }
  CHECK(log.oldest() > 0);
  CHECK(log.read(log.oldest() - 1, 1).error().code == Errc::too_old);
}

TEST_CASE("a batch larger than a segment has one of its own") {
  VirtualDisk disk;
  auto log = *SegmentLog::open(disk, kDirectory, kSmall);
  append(log, 1, 8);
  append(log, 1, 50'000);
  append(log, 1, 8);
  CHECK(log.segments() == 3);
  CHECK(test::read_all(log) == 3);
}

TEST_CASE("retention removes whole segments from the old end, by size and by age", "[L-49]") {
  VirtualDisk disk;
  auto log = *SegmentLog::open(disk, kDirectory, kSmall);
  for (int i = 0; i < 30; ++i) append(log);
  const std::uint64_t bytes = log.file_bytes();
  REQUIRE(log.retain({.bytes = bytes / 2, .age = {}}, test::kTimeUs).value_or(0) > 0);
  CHECK(log.file_bytes() <= bytes / 2);
  CHECK(log.oldest() > 0);
  CHECK(test::read_all(log) == log.tail() - log.oldest());
  // Records are one microsecond apart, as if each had been published when its offset came.
  const std::int64_t now = test::kTimeUs + static_cast<std::int64_t>(log.tail());
  REQUIRE(log.retain({.bytes = {}, .age = std::chrono::microseconds(40)}, now));
  CHECK(log.oldest() < log.tail() - 36);
  REQUIRE(log.retain({.bytes = {}, .age = std::chrono::microseconds(40)}, now + 1'000));
  CHECK(log.oldest() == log.tail());
  CHECK(log.segments() == 1);
  log = *SegmentLog::open(disk, kDirectory, kSmall);
  CHECK(log.tail() == 120);
  append(log);
  CHECK(test::read_all(log) == 4);
}

TEST_CASE("a purged log is empty and its offsets go on, a restart later too") {
  VirtualDisk disk;
  auto log = *SegmentLog::open(disk, kDirectory, kSmall);
  for (int i = 0; i < 10; ++i) append(log);
  REQUIRE(log.purge(test::kTimeUs));
  CHECK(log.oldest() == 40);
  CHECK(log.read(39, 1).error().code == Errc::too_old);
  log = *SegmentLog::open(disk, kDirectory, kSmall);
  CHECK(log.oldest() == 40);
  CHECK(log.tail() == 40);
  append(log);
  CHECK(log.tail() == 44);
}

TEST_CASE("a time leads to the first batch that was appended then or later") {
  VirtualDisk disk;
  auto log = *SegmentLog::open(disk, kDirectory, kSmall);
  for (int i = 0; i < 30; ++i) append(log);
  for (Offset at = 0; at < 117; ++at)
    CHECK(log.offset_for_time(test::kTimeUs + static_cast<std::int64_t>(at)) == (at + 3) / 4 * 4);
  CHECK(log.offset_for_time(0) == Offset{0});
  CHECK(log.offset_for_time(test::kTimeUs + 117) == std::nullopt);
}

TEST_CASE("a log that is idle is not synced, and one sync covers all that was written before it",
          "[L-51][L-56]") {
  VirtualDisk disk;
  auto log = *SegmentLog::open(disk, kDirectory, {test::kLogId, 1 << 20});
  append(log);
  const std::uint64_t before = disk.count(Operation::sync);
  std::vector<StoredBatch> group;
  for (Offset base = 4; base < 68; ++base) group.push_back(batch_at(base, 1));
  REQUIRE(log.append(group, test::kTimeUs));
  REQUIRE(log.sync());
  CHECK(disk.count(Operation::sync) == before + 1);
  REQUIRE(test::tidy(log));
  const std::uint64_t tidied = disk.count(Operation::sync);
  CHECK(tidied == before + 2);
  for (int i = 0; i < 100; ++i) {
    REQUIRE(log.sync());
    REQUIRE(test::tidy(log));
  }
  CHECK(disk.count(Operation::sync) == tidied);
}

TEST_CASE("what a restart wrote again is promised then, and not written again by the next") {
  VirtualDisk disk;
  {
    auto log = *SegmentLog::open(disk, kDirectory, kSmall);
    append(log);
  }
  auto log = *SegmentLog::open(disk, kDirectory, kSmall);
  CHECK(log.report().rewritten_bytes > 0);
  REQUIRE(test::tidy(log));
  log = *SegmentLog::open(disk, kDirectory, kSmall);
  CHECK(log.report().rewritten_bytes == 0);
  CHECK(test::read_all(log) == 4);
}

TEST_CASE("space is reserved in steps, so that an idle log is small", "[L-50]") {
  VirtualDisk disk;
  auto log = *SegmentLog::open(disk, kDirectory, {test::kLogId, 1 << 20});
  append(log, 1, 8);
  REQUIRE(test::tidy(log));
  CHECK(disk.used_bytes() < 32'000);
  while (log.tail() < 4'000) append(log, 100, 100);
  REQUIRE(test::tidy(log));
  CHECK(disk.used_bytes() < 4 * log.file_bytes());
}

TEST_CASE("what is not this log's, or not in its place, is named and left alone") {
  VirtualDisk disk;
  {
    auto log = *SegmentLog::open(disk, kDirectory, kSmall);
    for (int i = 0; i < 20; ++i) append(log);
    REQUIRE(log.sync());
  }
  const auto names = *disk.list(kDirectory);
  REQUIRE(names.size() > 3);
  const auto refused = [&](VirtualDisk& changed, std::uint64_t id = test::kLogId) {
    const auto log = SegmentLog::open(changed, kDirectory, {id, kSmall.segment_bytes});
    REQUIRE_FALSE(log);
    CHECK(log.error().code == Errc::corrupt);
    return log.error().context;
  };
  CHECK(refused(disk, 99) ==
        kDirectory + "/" + names[0] + ": belongs to another log (4660, not 99); put it back where it was");
  {
    VirtualDisk missing = disk.after_kill();
    REQUIRE(missing.remove(kDirectory + "/" + names[1]));
    CHECK(refused(missing).find("a segment is missing: restore it from a copy") != std::string::npos);
  }
  {
    VirtualDisk renamed = disk.after_kill();
    REQUIRE(renamed.rename(kDirectory + "/" + names[0], kDirectory + "/" + segment_name(1)));
    CHECK(refused(renamed).find("give it its name back") != std::string::npos);
  }
  {
    VirtualDisk unsealed = disk.after_kill();
    unsealed.content(kDirectory + "/" + names[1]).back() ^= std::byte{1};
    CHECK(refused(unsealed).find("ends without its seal") != std::string::npos);
  }
  {
    VirtualDisk damaged = disk.after_kill();
    damaged.content(kDirectory + "/" + names[1])[kHeaderPageBytes + 70] ^= std::byte{1};
    auto log = SegmentLog::open(damaged, kDirectory, kSmall);
    REQUIRE(log);
    const Offset bad = *parse_segment_name(names[1]);
    CHECK(test::read_all(*log, 0).error().context ==
          kDirectory + "/" + names[1] + ": damaged at byte 4096, where record " + std::to_string(bad) +
              " belongs; restore the file from a copy");
    CHECK(test::read_all(*log, *parse_segment_name(names[2])));
  }
  {
    VirtualDisk stranger = disk.after_kill();
    REQUIRE(stranger.open(kDirectory + "/notes.txt", io::Disk::Open::create));
    CHECK(SegmentLog::open(stranger, kDirectory, kSmall));
  }
}

TEST_CASE("the worked example of the format's paper is, byte for byte, what is written") {
  VirtualDisk disk;
  auto log = *SegmentLog::open(disk, kDirectory, {.log_id = 1});
  StoredBatch batch;
  batch.run = wire::RecordRun::single(as_bytes("hello"));
  batch.provenance = {std::make_shared<const std::string>("service:a"), 1'700'000'000'000'000};
  batch.generation = 1;
  REQUIRE(log.append({&batch, 1}, 1'700'000'000'000'000));
  const auto& content = disk.content(kDirectory + "/" + segment_name(0));
  std::string hex;
  for (const std::byte byte : Bytes(content).subspan(kHeaderPageBytes)) hex += fmt::format("{:02X}", byte);
  CHECK(hex ==
        "464C5842"
        "00000009"
        "0000000000000000"
        "00000001"
        "0002"
        "0009"
        "0000000000000001"
        "00060A24181E4000"
        "00000000"
        "00001000"
        "740B15C6664A04D4"
        "E6E48339FFA2B85E"
        "736572766963653A61"
        "0000000568656C6C6F"
        "FE11C5E4");
}
