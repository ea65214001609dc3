#include "storage/log_worker.h"

#include <algorithm>
#include <utility>

#include "base/contract.h"

namespace felix::storage {
namespace {

// What one write takes at most: larger ones make the answers of the first batches wait for the last.
constexpr std::size_t kGroupBytes = std::size_t{4} << 20;
constexpr std::size_t kGroupBatches = 1024;
// After a refusal for want of room, the disk is asked again only so much later.
constexpr Duration kRoomPatience = std::chrono::milliseconds(50);

}  // namespace

LogWorker::LogWorker(io::Disk& disk, const io::Clock& clock, const LogWorkerOptions& options)
    : disk_(disk),
      clock_(clock),
      options_(options),
      next_retention_(clock.now() + options.retention_interval) {}

std::int64_t LogWorker::wall_us() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(clock_.wall_now().time_since_epoch()).count();
}

Result<LogNumber> LogWorker::open(const std::string& directory, const LogSettings& settings) {
  FELIX_ASSERT(settings.durability != Durability::memory);
  FELIX_TRY(SegmentLog log, SegmentLog::open(disk_, directory, settings.log));
  const LogNumber number(static_cast<std::uint32_t>(logs_.size()));
  logs_.push_back(
      std::make_unique<Log>(Log{number, settings, std::move(log), {}, 0, {}, {}, false, clock_.now()}));
  return number;
}

void LogWorker::append(LogNumber number, std::uint32_t epoch, StoredBatch batch) {
  Log& log = *logs_.at(number.value);
  if (epoch != log.epoch) {
    // It was under way when those before it were refused.
    FELIX_ASSERT(epoch < log.epoch);
    return;
  }
  log.waiting.push_back(std::move(batch));
  ++waiting_;
}

void LogWorker::read(LogNumber number, std::uint64_t token, Offset from, std::size_t max_bytes) {
  reads_.push_back({number, token, from, max_bytes});
}

void LogWorker::write(std::vector<LogEvent>& events) {
  if (waiting_ == 0) return;
  for (const auto& log : logs_)
    if (!log->waiting.empty()) write_group(*log, events);
}

void LogWorker::write_group(Log& log, std::vector<LogEvent>& events) {
  std::vector<StoredBatch> group;
  std::size_t bytes = 0;
  while (!log.waiting.empty() && group.size() < kGroupBatches && bytes < kGroupBytes) {
    bytes += log.waiting.front().run.encoded_bytes();
    group.push_back(std::move(log.waiting.front()));
    log.waiting.pop_front();
    --waiting_;
  }
  if (auto appended = append_group(log, group, events); !appended)
    return refuse(log, std::move(appended).error(), events);
  log.wants_room = log.settings.durability == Durability::synced;
  log.quiet_since = clock_.now();
  if (log.settings.durability == Durability::synced) {
    if (std::ranges::find(unanswered_, &log) == unanswered_.end()) unanswered_.push_back(&log);
    return;
  }
  if (log.settings.durability == Durability::periodic && !log.unsynced_since)
    log.unsynced_since = clock_.now();
  events.emplace_back(LogCommitted{log.number, log.log.tail()});
}

Status LogWorker::append_group(Log& log, std::span<const StoredBatch> group, std::vector<LogEvent>& events) {
  if (clock_.now() < log.refuses_until) return fail(Errc::overloaded, "no room on the disk");
  auto appended = log.log.append(group, wall_us());
  if (appended || appended.error().code != Errc::overloaded) return appended;
  // What retention lets go may be room enough.
  if (retain(log, events) > 0) appended = log.log.append(group, wall_us());
  if (!appended && appended.error().code == Errc::overloaded)
    log.refuses_until = clock_.now() + kRoomPatience;
  return appended;
}

void LogWorker::refuse(Log& log, Error error, std::vector<LogEvent>& events) {
  waiting_ -= log.waiting.size();
  log.waiting.clear();
  events.emplace_back(LogRefused{log.number, log.epoch, log.log.tail(), std::move(error)});
  ++log.epoch;
}

void LogWorker::sync(std::vector<LogEvent>& events) {
  for (Log* const log : std::exchange(unanswered_, {})) sync_log(*log, events);
  const MonoTime now = clock_.now();
  for (const auto& log : logs_)
    if (log->unsynced_since && now >= *log->unsynced_since + options_.sync_interval) sync_log(*log, events);
}

void LogWorker::sync_log(Log& log, std::vector<LogEvent>& events) {
  log.unsynced_since.reset();
  const bool answers = log.settings.durability == Durability::synced;
  if (auto synced = log.log.sync(); !synced) return refuse(log, std::move(synced).error(), events);
  if (answers) events.emplace_back(LogCommitted{log.number, log.log.tail()});
}

void LogWorker::serve_read(std::vector<LogEvent>& events) {
  if (reads_.empty()) return;
  const Read read = std::move(reads_.front());
  reads_.pop_front();
  Log& log = *logs_.at(read.log.value);
  events.emplace_back(LogPage{read.log, read.token, log.log.read(read.from, read.max_bytes)});
}

std::uint64_t LogWorker::retain(Log& log, std::vector<LogEvent>& events) {
  const Offset before = log.log.oldest();
  const auto removed = log.log.retain(log.settings.retention, wall_us());
  if (log.log.oldest() != before) events.emplace_back(LogTrimmed{log.number, log.log.oldest()});
  return removed.value_or(0);
}

void LogWorker::reserve_ahead(std::vector<LogEvent>& events) {
  for (const auto& log : logs_) {
    if (!std::exchange(log->wants_room, false)) continue;
    if (auto reserved = log->log.reserve_ahead(); !reserved)
      refuse(*log, std::move(reserved).error(), events);
  }
}

void LogWorker::settle(std::vector<LogEvent>& events) {
  const MonoTime now = clock_.now();
  if (now >= next_retention_) {
    next_retention_ = now + options_.retention_interval;
    for (const auto& log : logs_) retain(*log, events);
  }
  for (const auto& log : logs_) {
    if (!log->quiet_since || now < *log->quiet_since + options_.quiet_time) continue;
    log->quiet_since.reset();
    if (auto promised = log->log.promise(); !promised) refuse(*log, std::move(promised).error(), events);
  }
}

void LogWorker::finish() {
  for (const auto& log : logs_)
    if (log->log.sync()) static_cast<void>(log->log.promise());
}

MonoTime LogWorker::next_due() const {
  MonoTime due = next_retention_;
  for (const auto& log : logs_) {
    if (log->unsynced_since) due = std::min(due, *log->unsynced_since + options_.sync_interval);
    if (log->quiet_since) due = std::min(due, *log->quiet_since + options_.quiet_time);
  }
  return due;
}

}  // namespace felix::storage
