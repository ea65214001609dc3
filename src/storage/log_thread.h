#pragma once
// The thread that waits for disks, so that no reactor does, and the ways to it: one for each reactor, which
// sends appends and reads and hears what became of them. A sleeping side is woken by the first message, and
// what comes while the disk is busy is done together.

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "io/clock.h"
#include "io/disk_thread.h"
#include "io/loop.h"
#include "io/patient_mailbox.h"
#include "storage/log_worker.h"

namespace felix::storage {

// What a reactor asks for; `token` comes back with the answer.
struct OpenLog {
  std::uint64_t token = 0;
  std::string directory;
  LogSettings settings;
};
struct AppendToLog {
  LogNumber log;
  std::uint32_t epoch = 0;
  StoredBatch batch;
};
struct ReadLog {
  LogNumber log;
  std::uint64_t token = 0;
  Offset from = 0;
  std::size_t max_bytes = 0;
};
using LogRequest = std::variant<std::monostate, OpenLog, AppendToLog, ReadLog>;

// Where a log stands that was opened.
struct LogOpened {
  std::uint64_t token = 0;
  LogNumber log;
  Offset oldest = 0;
  Offset tail = 0;
  RecoveryReport report;
};
struct LogNotOpened {
  std::uint64_t token = 0;
  Error error;
};
using LogAnswer =
    std::variant<std::monostate, LogCommitted, LogRefused, LogTrimmed, LogPage, LogOpened, LogNotOpened>;

// One reactor's way to the log thread. Lives on the reactor's thread; only LogThread makes it.
class LogClient {
 public:
  void open(OpenLog&& request) { requests_.post(std::move(request)); }
  void append(AppendToLog&& request) { requests_.post(std::move(request)); }
  void read(ReadLog&& request) { requests_.post(std::move(request)); }

  // Requests that found no room, bounded by what publishers may have in flight; flush() tries again and says
  // whether some are left.
  bool flush() { return !requests_.flush(); }
  // Takes at most `limit` answers.
  template <class Visit>
  std::size_t drain(std::size_t limit, Visit&& visit) {
    return answers_.drain(limit, std::forward<Visit>(visit));
  }
  bool empty() const { return answers_.empty() && requests_.waiting() == 0; }

 private:
  friend class LogThread;
  LogClient(io::Loop& thread, io::Loop& reactor);

  io::PatientMailbox<LogRequest> requests_;
  io::PatientMailbox<LogAnswer> answers_;
};

class LogThread {
 public:
  // Disk and clock must outlive it.
  static Result<std::unique_ptr<LogThread>> create(io::Disk& disk, const io::Clock& clock,
                                                   const LogWorkerOptions& options);
  // Before start(); the loop must live until join(). The client is this object's.
  LogClient& add_client(io::Loop& reactor);
  void start() { thread_->start(); }
  // Ends the thread when everything that was asked before is done and synced.
  void stop();
  void join() { thread_->join(); }

 private:
  LogThread(io::Disk& disk, const io::Clock& clock, const LogWorkerOptions& options)
      : clock_(clock), worker_(disk, clock, options) {}
  // What came, done once; true when there is more to do at once.
  bool round();
  void take(LogClient& client, LogRequest&& request);
  void answer_events();
  bool flush_answers();

  const io::Clock& clock_;
  std::unique_ptr<io::DiskThread> thread_;
  std::unique_ptr<io::Timer> due_;
  std::vector<std::unique_ptr<LogClient>> clients_;
  LogWorker worker_;
  std::vector<LogClient*> owners_;  // of each log
  std::vector<LogEvent> events_;
  std::atomic<bool> stopping_{false};
};

}  // namespace felix::storage
