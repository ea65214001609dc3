#include "storage/recovery.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "storage/batch_scan.h"
#include "storage/tail_verdict.h"

namespace felix::storage {
namespace {

constexpr std::size_t kRewriteBytes = 1 << 20;

struct Candidate {
  std::string path;
  Offset base_offset = 0;
};

Error at_path(const std::string& path, Error error) { return with_context(path, std::move(error)); }

// Copies that were not finished are removed.
Result<std::vector<Candidate>> list_segments(io::Disk& disk, const std::string& directory,
                                             RecoveryReport& report) {
  FELIX_TRY(const auto names, disk.list(directory));
  std::vector<Candidate> segments;
  for (const std::string& name : names) {
    if (const auto base = parse_segment_name(name)) segments.push_back({directory + "/" + name, *base});
    if (!is_copy_name(name)) continue;
    FELIX_CHECK(disk.remove(directory + "/" + name));
    ++report.removed_files;
  }
  return segments;  // names sort like the numbers in them
}

// Whether the header page was never written whole, as after a crash while the file was made.
bool never_begun(Bytes page) {
  if (page.size() < kHeaderPageBytes || is_blank(page.first(kSegmentHeaderBytes))) return true;
  return !std::equal(kEndMark.begin(), kEndMark.end(), page.end() - kEndMark.size());
}

Promise greatest_promise(Bytes page, std::uint64_t seed) {
  Promise greatest;
  for (const std::uint32_t at : kPromiseAt) {
    const auto promise = parse_promise(page.subspan(at, kPromiseBytes), seed);
    if (promise && promise->position > greatest.position) greatest = *promise;
  }
  return greatest;
}

// Writes [from, to) again: after a sync that failed, memory may show what the device never got.
Status rewrite(io::DiskFile& file, std::uint64_t from, std::uint64_t to) {
  std::vector<std::byte> chunk(std::min<std::uint64_t>(kRewriteBytes, to - from));
  for (std::uint64_t at = from; at < to;) {
    FELIX_TRY(const std::size_t got,
              file.read(MutableBytes(chunk).first(std::min<std::uint64_t>(chunk.size(), to - at)), at));
    if (got == 0) return fail(Errc::storage, "the file became shorter while it was read");
    const Bytes part = Bytes(chunk).first(got);
    FELIX_CHECK(file.write(std::span(&part, 1), at));
    at += got;
  }
  return {};
}

// The segment that was being written when the log was left.
Result<ActiveSegment> reopen(std::shared_ptr<io::DiskFile> file, const std::string& path, Bytes page,
                             const SegmentHeader& header, std::uint64_t size, RecoveryReport& report) {
  const std::uint64_t seed = checksum_seed(header);
  const Promise in_page = greatest_promise(page, seed);
  Promise promise = in_page;
  BatchScan scan(*file, seed, kHeaderPageBytes, header.base_offset, size);
  ActiveSegment::State state;
  for (;;) {
    FELIX_TRY(const auto found, scan.next());
    if (!found) break;
    state.index.add(found->header, found->position);
    state.generation = found->header.generation;
    state.last_time_us = std::max(state.last_time_us, found->header.appended_at_us);
    if (found->header.promised_position > promise.position) promise = {found->header.promised_position, 0};
  }
  FELIX_TRY(const Tail tail, judge_tail(*file, scan, seed, size, promise));
  state.position = static_cast<std::uint32_t>(tail.end);
  state.end_offset = scan.next_offset();
  state.promised = in_page;
  report.scanned_bytes += tail.end;
  report.dropped_bytes += tail.dropped_bytes;
  const std::uint64_t unpromised = std::max<std::uint64_t>(promise.position, kHeaderPageBytes);
  if (tail.end > unpromised) {
    FELIX_CHECK(rewrite(*file, unpromised, tail.end));
    report.rewritten_bytes += tail.end - unpromised;
  }
  if (tail.end != size) FELIX_CHECK(file->resize(tail.end));
  FELIX_CHECK(file->sync());
  return ActiveSegment(std::move(file), path, header, std::move(state));
}

Status check_place(const Candidate& candidate, const SegmentHeader& header, std::uint64_t log_id,
                   std::optional<Offset> expected) {
  if (header.log_id != log_id)
    return fail(Errc::corrupt, "belongs to another log (" + std::to_string(header.log_id) + ", not " +
                                   std::to_string(log_id) + "); put it back where it was");
  if (header.base_offset != candidate.base_offset)
    return fail(Errc::corrupt, "begins with record " + std::to_string(header.base_offset) +
                                   ", which is not what its name says; give it its name back");
  if (expected && header.base_offset != *expected)
    return fail(Errc::corrupt, "begins with record " + std::to_string(header.base_offset) + ", but record " +
                                   std::to_string(*expected) +
                                   " belongs here; a segment is missing: restore it from a copy");
  return {};
}

}  // namespace

Result<Recovered> recover(io::Disk& disk, const std::string& directory, std::uint64_t log_id) {
  Recovered recovered;
  FELIX_TRY(const auto candidates, list_segments(disk, directory, recovered.report));
  std::optional<Offset> expected;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& candidate = candidates[i];
    const bool last = i + 1 == candidates.size();
    const auto name_file = [&](Error error) {
      return std::unexpected(at_path(candidate.path, std::move(error)));
    };
    FELIX_TRY(std::shared_ptr<io::DiskFile> file,
              disk.open(candidate.path, last ? io::Disk::Open::read_write : io::Disk::Open::read_only));
    FELIX_TRY(const std::uint64_t size, file->size());
    std::vector<std::byte> buffer(kHeaderPageBytes);
    FELIX_TRY(const std::size_t got, file->read(buffer, 0));
    const Bytes page = Bytes(buffer).first(got);
    const auto header = parse_segment_header(page);
    if (last && (page.size() < kHeaderPageBytes || (!header && never_begun(page)))) {
      FELIX_CHECK(disk.remove(candidate.path));
      FELIX_CHECK(disk.sync_directory(directory));
      ++recovered.report.removed_files;
      break;
    }
    if (!header) return name_file(header.error());
    if (auto placed = check_place(candidate, *header, log_id, expected); !placed)
      return name_file(placed.error());
    ++recovered.report.segments;
    FELIX_TRY(const auto seal, SealedSegment::find_seal(*file, *header, size));
    if (seal) {
      expected = seal->end_offset;
      recovered.sealed.emplace_back(candidate.path, *header, *seal, size);
      continue;
    }
    if (!last || header->compressed)
      return name_file(
          {Errc::corrupt, "ends without its seal, though it was complete; restore it from a copy"});
    auto active = reopen(file, candidate.path, page, *header, size, recovered.report);
    if (!active) return name_file(active.error());
    recovered.active = std::move(*active);
  }
  return recovered;
}

}  // namespace felix::storage
