// What recovery may cut off, and what it must not.

#include "storage/tail_verdict.h"

#include <catch2/catch_test_macros.hpp>

#include "storage/segment_log.h"
#include "stored_records.h"
#include "support/virtual_disk.h"

using namespace felix;
using namespace felix::storage;
using test::batch_at;
using test::kDirectory;
using test::VirtualDisk;

namespace {

constexpr SegmentLogOptions kOptions{test::kLogId, 1 << 20};
const std::string kPath = kDirectory + "/" + segment_name(0);

// Three batches of 1,000 bytes and more; the first `synced` of them synced, one sync each.
VirtualDisk three_batches(int synced, bool tidy = false) {
  VirtualDisk disk;
  auto log = *SegmentLog::open(disk, kDirectory, kOptions);
  for (int i = 0; i < 3; ++i) {
    const auto batch = batch_at(log.tail(), 2, 600);
    REQUIRE(log.append({&batch, 1}, test::kTimeUs));
    if (i < synced) REQUIRE(log.sync());
  }
  if (tidy) REQUIRE(test::tidy(log));
  return disk.after_kill();
}

constexpr std::size_t kBatchBytes = kBatchHeaderBytes + 2 * (4 + 600) + 4;
constexpr std::size_t batch_begin(std::size_t number) { return kHeaderPageBytes + number * kBatchBytes; }

std::string refusal(VirtualDisk& disk) {
  const auto log = SegmentLog::open(disk, kDirectory, kOptions);
  return log ? "opened with " + std::to_string(log->tail()) : log.error().context;
}

}  // namespace

TEST_CASE("damage in front of a promise is never cut off, whoever made the promise") {
  // The third batch says that the first two were synced.
  VirtualDisk by_batch = three_batches(2);
  by_batch.content(kPath)[batch_begin(1) + 100] ^= std::byte{1};
  CHECK(refusal(by_batch) ==
        kPath + ": at byte " + std::to_string(batch_begin(1)) +
            ", where record 2 belongs, the records of a batch are damaged, though the batch at "
            "byte " +
            std::to_string(batch_begin(2)) + " says the log was whole up to byte " +
            std::to_string(batch_begin(2)));
  // Even where the damage looks like something never written.
  auto& content = by_batch.content(kPath);
  std::fill(content.begin() + batch_begin(1), content.begin() + batch_begin(2), std::byte{0});
  CHECK(refusal(by_batch).find("nothing is written, though the batch at byte") != std::string::npos);
  // The header page says that all three were.
  VirtualDisk by_page = three_batches(3, true);
  by_page.content(kPath).resize(batch_begin(2));
  CHECK(refusal(by_page).find("the file ends, though the log was whole up to byte " +
                              std::to_string(batch_begin(3)) + " and record 6") != std::string::npos);
}

TEST_CASE("a whole last batch that does not hold is ambiguous, and so not cut off", "[L-45]") {
  VirtualDisk disk = three_batches(2);
  disk.content(kPath)[batch_begin(2) + 700] ^= std::byte{1};
  CHECK(refusal(disk) == kPath + ": at byte " + std::to_string(batch_begin(2)) +
                             ", where record 4 belongs, the records of a batch are damaged");
  VirtualDisk header = three_batches(2);
  header.content(kPath)[batch_begin(2) + 20] ^= std::byte{1};
  CHECK(refusal(header).find("the header of a batch is damaged") != std::string::npos);
}

TEST_CASE("an unfinished batch is cut off, with all behind it, and the place is clean afterwards") {
  VirtualDisk disk = three_batches(1);
  // A sector of the second that was never written; the third is whole.
  auto& content = disk.content(kPath);
  const std::size_t sector = (batch_begin(1) / 512 + 1) * 512;
  std::fill_n(content.begin() + static_cast<std::ptrdiff_t>(sector), 512, std::byte{0});
  auto log = SegmentLog::open(disk, kDirectory, kOptions);
  REQUIRE(log);
  CHECK(log->tail() == 2);
  CHECK(log->report().dropped_bytes == 2 * kBatchBytes);
  CHECK(disk.content(kPath).size() == batch_begin(1));
}
