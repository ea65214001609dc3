// What is left of a log when the power goes, at every moment of its life and in every way that the disk may
// have kept or lost what was not synced.

#include <catch2/catch_test_macros.hpp>

#include "storage/segment_log.h"
#include "stored_records.h"
#include "support/seed.h"
#include "support/virtual_disk.h"

using namespace felix;
using namespace felix::storage;
using test::batch_at;
using test::kDirectory;
using test::VirtualDisk;

namespace {

constexpr SegmentLogOptions kSmall{test::kLogId, kHeaderPageBytes + 2'500};

// A log in use, and after each change of its disk the question what a crash would leave.
class CrashCourse {
 public:
  explicit CrashCourse(std::uint64_t seed) : random_(seed) {
    log_.emplace(*SegmentLog::open(disk_, kDirectory, kSmall));
    disk_.after_each_change([this] { examine(); });
  }

  void step() {
    switch (random_() % 12) {
      case 0:
      case 1:
      case 2:
        sync();
        break;
      case 3:
        REQUIRE(test::tidy(*log_));
        break;
      case 4:
        retain();
        break;
      case 5:
        if (random_() % 4 == 0) purge();
        break;
      case 6:
        if (random_() % 3 == 0) reopen();
        break;
      case 7:
        if (random_() % 2 == 0) run_out_of_room();
        break;
      default:
        append();
    }
  }

  std::uint64_t states() const { return states_; }
  std::uint64_t cut_short() const { return cut_short_; }

 private:
  void append() {
    std::vector<StoredBatch> group;
    Offset next = log_->tail();
    for (std::uint64_t left = random_() % 3 + 1; left > 0; --left) {
      group.push_back(batch_at(next, random_() % 4 + 1, random_() % 8 == 0 ? 900 : random_() % 90 + 8));
      if (random_() % 2 == 0) group.back().producer = ProducerMark{5, next};
      next = group.back().end_offset();
    }
    attempted_ = std::max(attempted_, next);
    REQUIRE(log_->append(group, test::kTimeUs));
  }
  // A write is refused when some of it is done; nothing of it may be found later.
  void run_out_of_room() {
    disk_.set_capacity(disk_.used_bytes() + random_() % 300);
    const auto batch = batch_at(log_->tail(), 8, 50);
    attempted_ = std::max(attempted_, batch.end_offset());
    const auto appended = log_->append({&batch, 1}, test::kTimeUs);
    if (!appended) REQUIRE(appended.error().code == Errc::overloaded);
    disk_.set_capacity(UINT64_MAX);
  }
  void sync() {
    REQUIRE(log_->sync());
    promised_ = log_->tail();
  }
  void retain() {
    oldest_allowed_ = log_->tail();
    REQUIRE(log_->retain({.bytes = std::uint64_t{3} * kSmall.segment_bytes, .age = {}}, test::kTimeUs));
    oldest_allowed_ = log_->oldest();
  }
  void purge() {
    oldest_allowed_ = log_->tail();
    REQUIRE(log_->purge(test::kTimeUs));
  }
  // As after a kill: memory is kept, and what was recovered is on the disk.
  void reopen() {
    log_.emplace(*SegmentLog::open(disk_, kDirectory, kSmall));
    promised_ = log_->tail();
  }

  void examine() {
    test::for_each_crash_state(disk_, random_, 3, [&](VirtualDisk& survivor) {
      ++states_;
      auto log = SegmentLog::open(survivor, kDirectory, kSmall);
      if (!log) FAIL("after " << states_ << " states: " << to_string(log.error()));
      if (log->tail() < promised_ || log->tail() > attempted_ || log->oldest() > oldest_allowed_)
        FAIL("kept [" << log->oldest() << ", " << log->tail() << ") of [" << oldest_allowed_ << ", "
                      << promised_ << " promised, " << attempted_ << " attempted)");
      const auto read = test::read_all(*log);
      if (!read || *read != log->tail() - log->oldest()) FAIL((read ? "too few" : to_string(read.error())));
      if (log->tail() < attempted_) ++cut_short_;
      // And it goes on, without anything of the lost coming back.
      const auto more = batch_at(log->tail(), 2, 40);
      if (auto appended = log->append({&more, 1}, test::kTimeUs); !appended)
        FAIL(to_string(appended.error()));
      if (auto synced = log->sync(); !synced) FAIL(to_string(synced.error()));
      const auto again = SegmentLog::open(survivor, kDirectory, kSmall);
      if (!again) FAIL(to_string(again.error()));
      if (again->tail() != more.end_offset()) FAIL("the next restart found " << again->tail());
    });
  }

  std::mt19937_64 random_;
  VirtualDisk disk_;
  std::optional<SegmentLog> log_;
  Offset promised_ = 0;        // acknowledged as synced
  Offset attempted_ = 0;       // ever handed over
  Offset oldest_allowed_ = 0;  // nothing at or above it may be gone from the old end
  std::uint64_t states_ = 0;
  std::uint64_t cut_short_ = 0;
};

}  // namespace

TEST_CASE("whatever a crash leaves of unsynced writes, no promised record is lost and none comes back",
          "[L-40][L-45][L-46]") {
  std::uint64_t states = 0;
  std::uint64_t cut_short = 0;
  for (std::uint64_t run = 0; run < 12; ++run) {
    CrashCourse course(test::seed() + run);
    for (int i = 0; i < 40; ++i) course.step();
    states += course.states();
    cut_short += course.cut_short();
  }
  CHECK(states > 10'000);
  CHECK(cut_short > 1'000);
}

TEST_CASE("a batch torn at any byte is cut off, and only it", "[T3]") {
  VirtualDisk disk;
  {
    auto log = *SegmentLog::open(disk, kDirectory, kSmall);
    const auto first = batch_at(0, 3, 300);
    REQUIRE(log.append({&first, 1}, test::kTimeUs));
    REQUIRE(log.sync());
    const auto second = batch_at(3, 3, 300);
    REQUIRE(log.append({&second, 1}, test::kTimeUs));
  }
  const std::string path = kDirectory + "/" + segment_name(0);
  const std::vector<std::byte> whole = disk.content(path);
  const auto first_end =
      kHeaderPageBytes + kBatchHeaderBytes + 3 * (wire::kRecordLengthBytes + 300) + kEndMark.size();
  for (std::size_t cut = first_end; cut < whole.size(); ++cut)
    for (const bool zeroed : {false, true}) {
      VirtualDisk torn = disk.after_kill();
      auto& content = torn.content(path);
      content.resize(cut);
      if (zeroed) content.resize(whole.size() + 5'000);
      auto log = SegmentLog::open(torn, kDirectory, kSmall);
      if (!log) FAIL("cut at " << cut << (zeroed ? ", zeroed: " : ": ") << to_string(log.error()));
      // Without its end mark a batch is whole all the same; nobody was told.
      const bool whole_but_mark = cut >= whole.size() - kEndMark.size() && zeroed;
      if (log->tail() != (whole_but_mark ? 6 : 3)) FAIL("cut at " << cut << " left " << log->tail());
      REQUIRE(test::read_all(*log));
    }
}

TEST_CASE("no flipped bit makes a record of a closed log disappear or change", "[L-44][T6]") {
  VirtualDisk disk;
  {
    auto log = *SegmentLog::open(disk, kDirectory, kSmall);
    for (const Offset base : {0, 4}) {
      const auto batch = batch_at(base, 4, 60);
      REQUIRE(log.append({&batch, 1}, test::kTimeUs));
      REQUIRE(log.sync());
    }
    REQUIRE(test::tidy(log));
  }
  const std::string path = kDirectory + "/" + segment_name(0);
  const std::size_t size = disk.content(path).size();
  std::uint64_t refused = 0;
  std::uint64_t unharmed = 0;
  for (std::size_t bit = 0; bit < size * 8; ++bit) {
    const std::size_t byte = bit / 8;
    // One bit in sixteen bytes is enough where the page holds nothing.
    if (byte > 2'100 && byte < kHeaderPageBytes - 16 && bit % 128 != 0) continue;
    if (byte > 100 && byte < 1'000 && bit % 128 != 0) continue;
    VirtualDisk rotten = disk.after_kill();
    rotten.content(path)[byte] ^= static_cast<std::byte>(1 << (bit % 8));
    auto log = SegmentLog::open(rotten, kDirectory, kSmall);
    if (!log) {
      ++refused;
      if (log.error().code != Errc::corrupt && log.error().code != Errc::malformed)
        FAIL("bit " << bit << ": " << to_string(log.error()));
      continue;
    }
    const auto read = test::read_all(*log);
    if (!read || *read != 8) FAIL("bit " << bit << " was paid for with records");
    ++unharmed;
  }
  CHECK(refused > 0);
  CHECK(unharmed > 0);
}
