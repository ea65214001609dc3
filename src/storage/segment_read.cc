#include "storage/segment_read.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "storage/batch_scan.h"

namespace felix::storage {
namespace {

constexpr std::size_t kMinWindowBytes = 64 << 10;

Error damaged(const SegmentView& segment, const BatchScan& scan) {
  return {Errc::corrupt, segment.path + ": damaged at byte " + std::to_string(scan.position()) +
                             ", where record " + std::to_string(scan.next_offset()) +
                             " belongs; restore the file from a copy"};
}

// Calls visit(found) for each batch from an index entry on until it returns false. An entry that leads astray
// is passed over: the segment is read from its beginning.
template <class Visit>
Status walk(const SegmentView& segment, IndexEntry entry, std::size_t window_bytes, Visit&& visit) {
  for (bool visited = false;;) {
    BatchScan scan(*segment.file, checksum_seed(segment.header), entry.position, entry.base_offset,
                   segment.data_end, window_bytes);
    for (;;) {
      FELIX_TRY(const auto found, scan.next());
      if (!found) break;
      visited = true;
      if (!visit(*found)) return {};
    }
    if (scan.next_offset() == segment.end_offset) return {};
    if (visited || entry.position == kHeaderPageBytes) return std::unexpected(damaged(segment, scan));
    entry = {segment.header.base_offset, 0, kHeaderPageBytes};
  }
}

// One publisher's name is held once for batches that follow each other.
std::shared_ptr<const std::string> name_of(std::string_view publisher,
                                           const std::shared_ptr<const std::string>& last) {
  if (last != nullptr && *last == publisher) return last;
  return std::make_shared<const std::string>(publisher);
}

}  // namespace

Result<std::vector<StoredBatch>> read_batches(const SegmentView& segment, Offset from,
                                              std::size_t max_bytes) {
  std::vector<StoredBatch> batches;
  std::size_t bytes = 0;
  std::optional<Error> bad;
  std::shared_ptr<const std::string> publisher;
  const auto visit = [&](const BatchScan::Found& found) {
    if (found.header.end_offset() <= from) return true;
    auto run = wire::RecordRun::parse(flow::Slice::copy_of(found.records), found.header.count);
    const auto extension = parse_extension(found.header, found.extension);
    if (!run || run->encoded_bytes() != found.records.size() || !extension) {
      // The checksum holds, so this is what was written; it must not have been.
      bad = Error{Errc::corrupt, segment.path + ": the batch at byte " + std::to_string(found.position) +
                                     " holds no whole records; it was written by a defective felix"};
      return false;
    }
    StoredBatch batch;
    batch.base_offset = found.header.base_offset;
    batch.run = std::move(*run);
    if (batch.base_offset < from) {
      const auto skipped = static_cast<std::uint32_t>(from - batch.base_offset);
      batch.run = batch.run.sub_run(skipped, batch.run.count() - skipped);
      batch.base_offset = from;
    }
    if (extension->publisher) publisher = name_of(*extension->publisher, publisher);
    batch.provenance = {extension->publisher ? publisher : nullptr, found.header.appended_at_us};
    batch.generation = found.header.generation;
    batch.producer = extension->producer;
    bytes += batch.run.encoded_bytes();
    batches.push_back(std::move(batch));
    return bytes < max_bytes;
  };
  const std::size_t window = std::clamp(max_bytes, kMinWindowBytes, BatchScan::kWindowBytes);
  const Status walked = walk(segment, segment.index->at_or_below(from, segment.header), window, visit);
  if (bad && batches.empty()) return std::unexpected(*bad);
  // What stands in front of damage is good; the next read begins at the damage and says so.
  if (!walked && batches.empty()) return std::unexpected(walked.error());
  return batches;
}

Result<std::optional<Offset>> first_at_or_after(const SegmentView& segment, std::int64_t at_us) {
  std::optional<Offset> first;
  FELIX_CHECK(walk(segment, segment.index->before_time(at_us, segment.header), BatchScan::kWindowBytes,
                   [&](const BatchScan::Found& found) {
                     if (found.header.appended_at_us < at_us) return true;
                     first = found.header.base_offset;
                     return false;
                   }));
  return first;
}

}  // namespace felix::storage
