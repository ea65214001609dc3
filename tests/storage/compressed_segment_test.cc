#include <random>

#include <catch2/catch_test_macros.hpp>

#include "storage/segment_log.h"
#include "stored_records.h"
#include "support/seed.h"
#include "support/virtual_disk.h"

using namespace felix;
using namespace felix::storage;
using test::kDirectory;
using test::VirtualDisk;
using Operation = VirtualDisk::Operation;

namespace {

constexpr SegmentLogOptions kOptions{test::kLogId, 600'000};
constexpr int kLevel = 3;

// `segments` of them and some more records, all synced.
SegmentLog filled(VirtualDisk& disk, std::uint64_t segments, std::size_t record_bytes = 500) {
  auto log = *SegmentLog::open(disk, kDirectory, kOptions);
  while (log.segments() <= segments) {
    REQUIRE(test::append(log, 50, record_bytes));
  }
  REQUIRE(log.sync());
  return log;
}

}  // namespace

TEST_CASE("compressed segments are read as before, from every offset and after a restart") {
  VirtualDisk disk;
  auto log = filled(disk, 3);
  const std::uint64_t before = log.file_bytes();
  for (int i = 0; i < 3; ++i) REQUIRE(log.compress_one(kLevel).value_or(false));
  CHECK_FALSE(log.compress_one(kLevel).value_or(true));
  CHECK(log.file_bytes() < before / 2);
  for (const bool reopened : {false, true}) {
    if (reopened) log = *SegmentLog::open(disk, kDirectory, kOptions);
    CHECK(test::read_all(log) == log.tail());
    std::mt19937_64 random(test::seed());
    for (int i = 0; i < 300; ++i) {
      const Offset from = random() % log.tail();
      const auto batches = log.read(from, random() % 100'000);
      REQUIRE(batches);
      CHECK(batches->front().base_offset == from);
      CHECK(std::ranges::equal(batches->front().run.front(), test::record_at(from, 500)));
    }
    CHECK(log.offset_for_time(test::kTimeUs + 101) == Offset{150});
  }
  CHECK(log.file_bytes() < before / 2);
}

TEST_CASE("what does not become smaller stays as it is, and is tried once") {
  VirtualDisk disk;
  auto log = *SegmentLog::open(disk, kDirectory, kOptions);
  std::mt19937_64 random(7);
  while (log.segments() <= 1) {
    std::vector<std::byte> noise(5'000);
    for (std::byte& byte : noise) byte = static_cast<std::byte>(random());
    StoredBatch batch;
    batch.base_offset = log.tail();
    batch.run = wire::RecordRun::single(noise);
    REQUIRE(log.append({&batch, 1}, test::kTimeUs));
  }
  const auto names = *disk.list(kDirectory);
  const std::uint64_t before = log.file_bytes();
  CHECK(log.compress_one(kLevel).value_or(false));
  CHECK_FALSE(log.compress_one(kLevel).value_or(true));
  CHECK(log.file_bytes() == before);
  CHECK(disk.list(kDirectory) == names);
}

TEST_CASE("whenever the power goes while a segment is compressed, its records are there") {
  VirtualDisk disk;
  auto log = filled(disk, 1);
  const Offset tail = log.tail();
  std::mt19937_64 random(test::seed());
  int states = 0;
  disk.after_each_change([&] {
    test::for_each_crash_state(disk, random, 2, [&](VirtualDisk& survivor) {
      ++states;
      auto found = SegmentLog::open(survivor, kDirectory, kOptions);
      if (!found) FAIL(to_string(found.error()));
      // Reading all of it each time would take long.
      for (const Offset from : {Offset{0}, tail / 2, tail - 1})
        if (const auto read = found->read(from, 1); !read || read->empty())
          FAIL("record " << from << " is lost");
      if (found->tail() != tail) FAIL("the tail is " << found->tail());
      for (const std::string& name : survivor.list(kDirectory).value_or(std::vector<std::string>{"?"}))
        if (!parse_segment_name(name)) FAIL(name << " is left");
    });
  });
  REQUIRE(log.compress_one(kLevel).value_or(false));
  disk.after_each_change(nullptr);
  CHECK(states > 100);
  CHECK(test::read_all(log) == tail);
}

TEST_CASE("a copy that cannot be made leaves the segment, and no file") {
  for (const Operation operation : {Operation::create, Operation::write, Operation::sync, Operation::rename})
    for (const Errc code : {Errc::overloaded, Errc::storage}) {
      VirtualDisk disk;
      auto log = filled(disk, 1);
      const auto names = *disk.list(kDirectory);
      disk.inject(
          [&, done = false](Operation now, const std::string&) mutable -> std::optional<VirtualDisk::Fault> {
            if (now != operation || done) return std::nullopt;
            done = true;
            return VirtualDisk::Fault{{code, "refused"}, 100};
          });
      const auto compressed = log.compress_one(kLevel);
      CHECK(compressed.has_value() == (code == Errc::overloaded));
      CHECK(disk.list(kDirectory) == names);
      CHECK(test::read_all(log) == log.tail());
      CHECK(log.failed() == nullptr);
    }
}

TEST_CASE("a compressed segment without its seal is damaged, not one that is being written") {
  VirtualDisk disk;
  auto log = filled(disk, 1);
  REQUIRE(log.compress_one(kLevel).value_or(false));
  const auto names = *disk.list(kDirectory);
  REQUIRE(names.size() == 2);
  REQUIRE(disk.remove(kDirectory + "/" + names[1]));
  disk.content(kDirectory + "/" + names[0]).resize(kHeaderPageBytes);
  const auto opened = SegmentLog::open(disk, kDirectory, kOptions);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().context ==
        kDirectory + "/" + names[0] +
            ": ends without its seal, though it was complete; restore it from a copy");
}

TEST_CASE("damage in a compressed segment is named, and no record is another", "[T6]") {
  VirtualDisk disk;
  auto log = filled(disk, 1);
  REQUIRE(log.compress_one(kLevel).value_or(false));
  const std::string path = kDirectory + "/" + segment_name(0);
  std::mt19937_64 random(test::seed());
  int noticed = 0;
  for (int i = 0; i < 400; ++i) {
    VirtualDisk rotten = disk.after_kill();
    auto& content = rotten.content(path);
    content[random() % content.size()] ^= static_cast<std::byte>(1 << random() % 8);
    auto opened = SegmentLog::open(rotten, kDirectory, kOptions);
    if (!opened) {
      ++noticed;
      continue;
    }
    const auto read = test::read_all(*opened);
    if (read) {
      CHECK(*read == log.tail());
    } else {
      CHECK((read.error().code == Errc::corrupt && read.error().context.starts_with(path)));
      ++noticed;
    }
  }
  CHECK(noticed > 100);
}
