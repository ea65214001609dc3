// A log on a disk that refuses.

#include <random>

#include <catch2/catch_test_macros.hpp>

#include "storage/segment_log.h"
#include "stored_records.h"
#include "support/seed.h"
#include "support/virtual_disk.h"

using namespace felix;
using namespace felix::storage;
using test::append;
using test::kDirectory;
using test::VirtualDisk;
using Operation = VirtualDisk::Operation;

namespace {

constexpr SegmentLogOptions kSmall{test::kLogId, kHeaderPageBytes + 2'000};

// Fails the operations of a kind from the `first`-th on, `times` times.
VirtualDisk::Injector failing(Operation operation, int first, int times, Error error,
                              std::size_t bytes_done = 0) {
  return [=, seen = 0](Operation now, const std::string&) mutable -> std::optional<VirtualDisk::Fault> {
    if (now != operation) return std::nullopt;
    ++seen;
    if (seen < first || seen >= first + times) return std::nullopt;
    return VirtualDisk::Fault{error, bytes_done};
  };
}

const Error kFull{Errc::overloaded, "no room"};
const Error kBroken{Errc::storage, "input/output error"};

}  // namespace

TEST_CASE("a write for which there is no room appends nothing, and the next one may", "[L-39][L-52]") {
  for (std::size_t bytes_done = 0; bytes_done < 330; ++bytes_done) {
    VirtualDisk disk;
    auto log = *SegmentLog::open(disk, kDirectory, kSmall);
    REQUIRE(append(log));
    disk.inject(failing(Operation::write, 1, 1, kFull, bytes_done));
    const auto refused = append(log);
    REQUIRE_FALSE(refused);
    REQUIRE(refused.error().code == Errc::overloaded);
    REQUIRE(log.tail() == 4);
    REQUIRE(test::read_all(log) == 4);
    // A shorter one takes its place, and nothing of the first is left behind it.
    REQUIRE(append(log, 1, 8));
    REQUIRE(log.sync());
    VirtualDisk killed = disk.after_kill();
    auto again = SegmentLog::open(killed, kDirectory, kSmall);
    REQUIRE(again);
    REQUIRE(again->tail() == 5);
    REQUIRE(test::read_all(*again) == 5);
  }
}

TEST_CASE("what a refused write left behind is gone before a shorter one takes its place", "[L-39]") {
  VirtualDisk disk;
  auto log = *SegmentLog::open(disk, kDirectory, {test::kLogId, 1 << 20});
  REQUIRE(append(log, 1, 440));  // ends with a sector
  REQUIRE(log.sync());
  disk.inject(failing(Operation::write, 1, 1, kFull, 1'500));
  REQUIRE_FALSE(append(log, 4, 600));
  disk.inject(nullptr);
  REQUIRE(append(log, 1, 440));
  std::mt19937_64 random(test::seed());
  test::for_each_crash_state(disk, random, 20, [](VirtualDisk& survivor) {
    auto found = SegmentLog::open(survivor, kDirectory, {test::kLogId, 1 << 20});
    if (!found) FAIL(to_string(found.error()));
    CHECK(found->tail() >= 1);
    CHECK(test::read_all(*found) == found->tail());
  });
}

TEST_CASE("a full disk refuses, is read from, and takes records again when there is room", "[L-52]") {
  VirtualDisk disk;
  auto log = *SegmentLog::open(disk, kDirectory, kSmall);
  disk.set_capacity(20'000);
  std::uint64_t refused = 0;
  while (refused < 10) {
    if (auto appended = append(log); !appended) {
      REQUIRE(appended.error().code == Errc::overloaded);
      ++refused;
    }
    REQUIRE(test::tidy(log));
  }
  REQUIRE(log.sync());
  CHECK(log.failed() == nullptr);
  CHECK(test::read_all(log) == log.tail());
  // Retention makes room.
  const Offset before = log.tail();
  REQUIRE(log.retain({.bytes = 10'000, .age = {}}, test::kTimeUs).value_or(0) > 0);
  REQUIRE(append(log));
  REQUIRE(log.sync());
  CHECK(log.tail() == before + 4);
  CHECK(test::read_all(log) == log.tail() - log.oldest());
}

TEST_CASE("after a failed sync nothing is appended or synced any more, and a restart finds what was promised",
          "[L-41]") {
  VirtualDisk disk;
  auto log = *SegmentLog::open(disk, kDirectory, kSmall);
  REQUIRE(append(log));
  REQUIRE(log.sync());
  REQUIRE(append(log));
  disk.inject(failing(Operation::sync, 1, 1, kBroken));
  CHECK(log.sync().error().code == Errc::storage);
  // The device is well again; it is too late.
  CHECK(log.sync().error().code == Errc::storage);
  CHECK(append(log).error().code == Errc::storage);
  CHECK(test::tidy(log).error().code == Errc::storage);
  CHECK(log.failed() != nullptr);
  CHECK(log.synced() == 4);
  CHECK(test::read_all(log) == 8);
  // Memory still shows the second batch, the device never got it: what a restart shows must be on the device.
  VirtualDisk killed = disk.after_kill();
  auto again = SegmentLog::open(killed, kDirectory, kSmall);
  REQUIRE(again);
  CHECK(again->tail() >= 4);
  struct Nothing final : test::CrashFate {
    bool keeps(std::size_t, std::size_t) override { return false; }
    bool keeps_sector(std::size_t, std::size_t) override { return false; }
  } nothing;
  VirtualDisk crashed = killed.after_crash(nothing);
  const auto after_crash = SegmentLog::open(crashed, kDirectory, kSmall);
  REQUIRE(after_crash);
  CHECK(after_crash->tail() == again->tail());
}

TEST_CASE("a write that fails for another reason than room ends the log's writing", "[L-41]") {
  VirtualDisk disk;
  auto log = *SegmentLog::open(disk, kDirectory, kSmall);
  REQUIRE(append(log));
  disk.inject(failing(Operation::write, 1, 1, kBroken, 50));
  CHECK(append(log).error().code == Errc::storage);
  CHECK(append(log).error().code == Errc::storage);
  CHECK(test::read_all(log) == 4);
}

TEST_CASE("a roll that fails at any step loses nothing, and is never taken for a success", "[L-42]") {
  for (const Operation operation :
       {Operation::create, Operation::write, Operation::sync, Operation::resize, Operation::sync_directory})
    for (const Error& error : {kFull, kBroken})
      for (int step = 1; step <= 6; ++step) {
        VirtualDisk disk;
        auto log = *SegmentLog::open(disk, kDirectory, kSmall);
        for (int i = 0; i < 5; ++i) REQUIRE(append(log));
        REQUIRE(log.sync());
        const Offset promised = log.tail();
        disk.inject(failing(operation, step, 1, error));
        Offset attempted = promised;
        bool broken = false;
        for (int i = 0; i < 6; ++i) {
          attempted = std::max(attempted, log.tail() + 4);
          const auto appended = append(log);
          const bool synced = appended && log.sync();
          // A device that fails, other than for want of room, is not asked again.
          broken = broken || (!appended && appended.error().code == Errc::storage);
          REQUIRE((log.failed() != nullptr || !broken));
          if (log.failed() != nullptr) {
            REQUIRE_FALSE(append(log).has_value());
            REQUIRE_FALSE(log.sync().has_value());
          }
          REQUIRE(test::read_all(log) == log.tail());
          if (synced) REQUIRE(log.synced() == log.tail());
        }
        const Offset last_synced = log.synced();
        REQUIRE(last_synced >= promised);
        disk.inject(nullptr);
        VirtualDisk killed = disk.after_kill();
        auto again = SegmentLog::open(killed, kDirectory, kSmall);
        if (!again) FAIL(to_string(again.error()));
        REQUIRE(again->tail() >= last_synced);
        REQUIRE(again->tail() <= attempted);
        REQUIRE(test::read_all(*again) == again->tail());
      }
}

TEST_CASE("an index that cannot be read costs time, not records", "[L-47]") {
  VirtualDisk disk;
  {
    auto log = *SegmentLog::open(disk, kDirectory, kSmall);
    for (int i = 0; i < 20; ++i) REQUIRE(append(log));
    REQUIRE(log.sync());
    REQUIRE(log.segments() > 2);
  }
  // The first byte behind the index's header, in each complete segment.
  auto log = *SegmentLog::open(disk, kDirectory, kSmall);
  const auto names = *disk.list(kDirectory);
  for (const std::string& name : names) {
    auto& content = disk.content(kDirectory + "/" + name);
    if (const auto header = parse_segment_header(content))
      if (const auto seal = parse_seal(Bytes(content).last(kSealBytes), checksum_seed(*header)))
        content[seal->data_end + kIndexHeaderBytes] ^= std::byte{1};
  }
  CHECK(test::read_all(log) == 80);
  CHECK(log.offset_for_time(test::kTimeUs + 41) == Offset{44});
}
