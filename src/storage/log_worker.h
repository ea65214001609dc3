#pragma once
// The work on all logs of a data directory, for the one thread that waits for disks: batches that came while
// the disk was busy are written together, a write a log, and one sync covers all that was written before it.
//
//   append …  write()  sync()  serve_read()  reserve_ahead()      one round; what became of it is in the
//   events settle()                                                      after a while without
//
// A log's batches come in the order of their offsets. When some cannot be kept, all behind them go with them:
// a log that refuses says up to where it kept, and takes nothing more of that epoch. Whoever sends counts the
// epoch up, and numbers anew from there. So nobody is acknowledged who stands behind a hole.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/durability.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/time.h"
#include "io/clock.h"
#include "storage/log_batch.h"
#include "storage/segment_log.h"

namespace felix::storage {

using LogNumber = StrongId<struct LogNumberTag, std::uint32_t>;  // of an open log, from 0

struct LogSettings {
  SegmentLogOptions log;
  Durability durability = Durability::synced;  // not memory
  RetentionBounds retention;
};

// Every record below `upto` has the durability of its log, and may be acknowledged and shown.
struct LogCommitted {
  LogNumber log;
  Offset upto = 0;
};
// What was sent in `epoch` and lies at or behind `tail` is not kept. overloaded: try again. Anything else is
// final: the log takes no more.
struct LogRefused {
  LogNumber log;
  std::uint32_t epoch = 0;
  Offset tail = 0;
  Error error;
};
// Records below `oldest` are gone.
struct LogTrimmed {
  LogNumber log;
  Offset oldest = 0;
};
struct LogPage {
  LogNumber log;
  std::uint64_t token = 0;  // of the read
  Result<std::vector<StoredBatch>> batches;
};
using LogEvent = std::variant<LogCommitted, LogRefused, LogTrimmed, LogPage>;

struct LogWorkerOptions {
  Duration sync_interval = std::chrono::milliseconds(250);  // of periodic logs
  Duration retention_interval = std::chrono::seconds(60);
  Duration quiet_time = std::chrono::milliseconds(500);  // before a log's promise is worth a sync
};

class LogWorker {
 public:
  // Disk and clock must outlive it.
  LogWorker(io::Disk& disk, const io::Clock& clock, const LogWorkerOptions& options);

  // Numbers are given in the order of the calls.
  Result<LogNumber> open(const std::string& directory, const LogSettings& settings);
  const SegmentLog& log(LogNumber number) const { return logs_.at(number.value)->log; }

  // Takes a batch; write() does the rest.
  void append(LogNumber number, std::uint32_t epoch, StoredBatch batch);
  void read(LogNumber number, std::uint64_t token, Offset from, std::size_t max_bytes);

  // A group of each log that has something waiting. Answers that need no sync are among the events
  // afterwards.
  void write(std::vector<LogEvent>& events);
  // Syncs the logs whose answers wait for that, and those whose time has come.
  void sync(std::vector<LogEvent>& events);
  // The read that waits longest.
  void serve_read(std::vector<LogEvent>& events);
  // Room for the next rounds, for logs that were written and are synced one by one.
  void reserve_ahead(std::vector<LogEvent>& events);
  // Retention when it is due; what logs that are quiet promise.
  void settle(std::vector<LogEvent>& events);

  // At the end: what was written is synced and promised, as far as the disk still takes it.
  void finish();

  // Something waits for the next round.
  bool busy() const { return waiting_ > 0 || !unanswered_.empty() || !reads_.empty(); }
  // When to sync() or settle() though nobody asks.
  MonoTime next_due() const;

 private:
  struct Log {
    LogNumber number;
    LogSettings settings;
    SegmentLog log;
    std::deque<StoredBatch> waiting;
    std::uint32_t epoch = 0;
    MonoTime refuses_until{};                // there was no room a moment ago
    std::optional<MonoTime> unsynced_since;  // of a log that is synced by time
    bool wants_room = false;                 // written since room was made
    std::optional<MonoTime> quiet_since;     // written, and not yet promised
  };
  struct Read {
    LogNumber log;
    std::uint64_t token = 0;
    Offset from = 0;
    std::size_t max_bytes = 0;
  };
  void write_group(Log& log, std::vector<LogEvent>& events);
  Status append_group(Log& log, std::span<const StoredBatch> group, std::vector<LogEvent>& events);
  void sync_log(Log& log, std::vector<LogEvent>& events);
  void refuse(Log& log, Error error, std::vector<LogEvent>& events);
  std::uint64_t retain(Log& log, std::vector<LogEvent>& events);
  std::int64_t wall_us() const;

  io::Disk& disk_;
  const io::Clock& clock_;
  LogWorkerOptions options_;
  std::vector<std::unique_ptr<Log>> logs_;
  std::size_t waiting_ = 0;       // batches
  std::vector<Log*> unanswered_;  // written, and acknowledged when synced
  std::deque<Read> reads_;
  MonoTime next_retention_;
};

}  // namespace felix::storage
