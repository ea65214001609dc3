#include "storage/segment_log.h"

#include <algorithm>
#include <utility>

#include "base/contract.h"
#include "io/file_error.h"

namespace felix::storage {

Result<SegmentLog> SegmentLog::open(io::Disk& disk, const std::string& directory,
                                    const SegmentLogOptions& options) {
  FELIX_CHECK(disk.make_directories(directory));
  FELIX_CHECK(disk.sync_directory(io::directory_of(directory)));
  SegmentLog log(disk, directory, options);
  FELIX_TRY(Recovered recovered, recover(disk, directory, options.log_id));
  log.report_ = recovered.report;
  for (SealedSegment& segment : recovered.sealed) log.sealed_.push_back(std::move(segment));
  log.active_ = std::move(recovered.active);
  if (log.active_) {
    log.tail_ = log.active_->end_offset();
  } else if (!log.sealed_.empty()) {
    log.tail_ = log.sealed_.back().end_offset();
  }
  return log;
}

const Error* SegmentLog::failed() const {
  if (failed_) return &*failed_;
  return active_ ? active_->failed() : nullptr;
}

Status SegmentLog::check() const {
  if (const Error* const error = failed()) return std::unexpected(*error);
  return {};
}

std::unexpected<Error> SegmentLog::poison(const Error& error) {
  if (!failed_) failed_ = final_failure(error);
  return std::unexpected(*failed_);
}

Offset SegmentLog::oldest() const {
  if (!sealed_.empty()) return sealed_.front().base_offset();
  return active_ ? active_->header().base_offset : tail_;
}

std::uint64_t SegmentLog::file_bytes() const {
  std::uint64_t bytes = active_ ? active_->position() : 0;
  for (const SealedSegment& segment : sealed_) bytes += segment.file_bytes();
  return bytes;
}

Status SegmentLog::append(std::span<const StoredBatch> batches, std::int64_t now_us) {
  FELIX_CHECK(check());
  FELIX_ASSERT(!batches.empty() && batches.front().base_offset == tail_);
  const std::uint64_t extent = ActiveSegment::extent_bytes(batches);
  if (active_ && !active_->empty() && active_->position() + extent > options_.segment_bytes)
    FELIX_CHECK(seal_active());
  if (!active_) FELIX_CHECK(begin_segment(now_us));
  FELIX_CHECK(active_->append(batches));
  tail_ = active_->end_offset();
  return {};
}

Status SegmentLog::sync() {
  FELIX_CHECK(check());
  return active_ && active_->has_unsynced() ? active_->sync() : Status{};
}

Status SegmentLog::reserve_ahead() {
  FELIX_CHECK(check());
  return active_ ? active_->reserve_ahead() : Status{};
}

Status SegmentLog::promise() {
  FELIX_CHECK(check());
  return active_ ? active_->promise() : Status{};
}

Status SegmentLog::seal_active() {
  FELIX_CHECK(active_->seal());
  FELIX_TRY(const std::uint64_t size, active_->file()->size());
  FELIX_TRY(const auto seal, SealedSegment::find_seal(*active_->file(), active_->header(), size));
  if (!seal) return poison({Errc::corrupt, active_->path() + ": the seal just written cannot be read"});
  sealed_.emplace_back(active_->path(), active_->header(), *seal, size);
  active_.reset();
  return {};
}

Status SegmentLog::begin_segment(std::int64_t now_us) {
  const SegmentHeader header{options_.log_id, tail_, now_us, false};
  auto created = ActiveSegment::create(*disk_, directory_, header);
  if (!created) {
    // A file of that name that is there already is none of ours to remove.
    if (created.error().code == Errc::already_exists) return poison(created.error());
    // What was begun goes, so that the next try begins anew.
    const std::string path = directory_ + "/" + segment_name(tail_);
    if (auto removed = disk_->remove(path); !removed && removed.error().code != Errc::not_found)
      return poison(removed.error());
    if (auto synced = disk_->sync_directory(directory_); !synced) return poison(synced.error());
    if (created.error().code != Errc::overloaded) return poison(created.error());
    return std::unexpected(std::move(created).error());
  }
  active_ = std::move(*created);
  return {};
}

SegmentView SegmentLog::active_view() const {
  return {active_->file(),       active_->path(),     active_->header(),
          active_->end_offset(), active_->position(), &active_->index()};
}

Result<SegmentView> SegmentLog::view_of(Offset offset) {
  if (active_ && offset >= active_->header().base_offset) return active_view();
  const auto after = std::upper_bound(
      sealed_.begin(), sealed_.end(), offset,
      [](Offset wanted, const SealedSegment& segment) { return wanted < segment.base_offset(); });
  FELIX_ASSERT(after != sealed_.begin());
  return (after - 1)->view(*disk_);
}

Result<std::vector<StoredBatch>> SegmentLog::read(Offset from, std::size_t max_bytes) {
  if (from < oldest())
    return fail(Errc::too_old, "offset " + std::to_string(from) +
                                   " is no longer kept; the oldest record is " + std::to_string(oldest()));
  if (from > tail_)
    return fail(Errc::in_future,
                "offset " + std::to_string(from) + " is above the tail " + std::to_string(tail_));
  if (from == tail_) return std::vector<StoredBatch>{};
  FELIX_TRY(const SegmentView view, view_of(from));
  return read_batches(view, from, max_bytes);
}

Result<std::optional<Offset>> SegmentLog::offset_for_time(std::int64_t at_us) {
  for (SealedSegment& segment : sealed_) {
    if (segment.seal().last_time_us < at_us) continue;
    FELIX_TRY(const SegmentView view, segment.view(*disk_));
    return first_at_or_after(view, at_us);
  }
  if (!active_ || active_->last_time_us() < at_us) return std::nullopt;
  return first_at_or_after(active_view(), at_us);
}

Status SegmentLog::remove_oldest() {
  sealed_.front().close();
  if (auto removed = disk_->remove(sealed_.front().path()); !removed) return removed;
  sealed_.pop_front();
  // One by one: after a crash the files that are left still follow each other.
  if (auto synced = disk_->sync_directory(directory_); !synced) return poison(synced.error());
  return {};
}

Result<std::uint64_t> SegmentLog::retain(const RetentionBounds& bounds, std::int64_t now_us) {
  const auto too_old = [&](std::int64_t last_time_us) {
    return bounds.age &&
           last_time_us < now_us - std::chrono::duration_cast<std::chrono::microseconds>(*bounds.age).count();
  };
  std::uint64_t removed = 0;
  while (!sealed_.empty() &&
         (too_old(sealed_.front().seal().last_time_us) || (bounds.bytes && file_bytes() > *bounds.bytes))) {
    FELIX_CHECK(remove_oldest());
    ++removed;
  }
  const bool has_records = active_ && !active_->empty();
  if (sealed_.empty() && has_records && too_old(active_->last_time_us()) && failed() == nullptr) {
    FELIX_CHECK(purge(now_us));
    ++removed;
  }
  return removed;
}

Result<bool> SegmentLog::compress_one(int level) {
  const auto next = std::ranges::find_if(sealed_, [&](const SealedSegment& segment) {
    return !segment.header().compressed && segment.base_offset() >= compressed_to_;
  });
  if (next == sealed_.end()) return false;
  compressed_to_ = next->end_offset();
  if (auto done = next->compress(*disk_, directory_, level); !done && done.error().code != Errc::overloaded)
    return std::unexpected(std::move(done).error());
  return true;
}

Status SegmentLog::purge(std::int64_t now_us) {
  FELIX_CHECK(check());
  if (active_ && !active_->empty()) FELIX_CHECK(seal_active());
  // The place of the tail is kept by a file before the others go.
  if (!active_) FELIX_CHECK(begin_segment(now_us));
  while (!sealed_.empty()) FELIX_CHECK(remove_oldest());
  return {};
}

}  // namespace felix::storage
