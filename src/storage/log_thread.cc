#include "storage/log_thread.h"

#include <utility>

#include "base/contract.h"

namespace felix::storage {
namespace {

constexpr std::size_t kMailboxCapacity = 4096;
// Requests taken from one reactor in a round.
constexpr std::size_t kShare = 1024;

}  // namespace

LogClient::LogClient(io::Loop& thread, io::Loop& reactor)
    : requests_(thread, kMailboxCapacity), answers_(reactor, kMailboxCapacity) {}

Result<std::unique_ptr<LogThread>> LogThread::create(io::Disk& disk, const io::Clock& clock,
                                                     const LogWorkerOptions& options) {
  std::unique_ptr<LogThread> made(new LogThread(disk, clock, options));
  FELIX_TRY(made->thread_, io::DiskThread::create(clock));
  made->due_ = std::make_unique<io::Timer>(made->thread_->loop(), [] {});
  made->thread_->loop().at_end_of_turn([thread = made.get()] { return thread->round(); });
  return made;
}

LogClient& LogThread::add_client(io::Loop& reactor) {
  clients_.push_back(std::unique_ptr<LogClient>(new LogClient(thread_->loop(), reactor)));
  return *clients_.back();
}

void LogThread::stop() {
  stopping_.store(true, std::memory_order_release);
  thread_->loop().wake();
}

bool LogThread::round() {
  const bool stopping = stopping_.load(std::memory_order_acquire);
  std::size_t taken = 0;
  for (const auto& client : clients_)
    taken +=
        client->requests_.drain(kShare, [&](LogRequest&& request) { take(*client, std::move(request)); });
  worker_.write(events_);
  answer_events();
  worker_.sync(events_);
  answer_events();
  worker_.serve_read(events_);
  if (taken == 0 && !worker_.busy()) {
    // Nobody waits for this.
    worker_.reserve_ahead(events_);
    worker_.settle(events_);
    due_->arm(worker_.next_due());
  }
  answer_events();
  const bool unheard = flush_answers();
  if (stopping && taken == 0 && !worker_.busy()) {
    worker_.finish();
    thread_->loop().stop();
    return false;
  }
  // An answer that finds no room waits for its reactor, which need not be asked without end.
  if (unheard) due_->arm(std::min(due_->deadline(), clock_.now() + std::chrono::milliseconds(1)));
  return taken > 0 || worker_.busy();
}

void LogThread::take(LogClient& client, LogRequest&& request) {
  if (auto* const append = std::get_if<AppendToLog>(&request)) {
    worker_.append(append->log, append->epoch, std::move(append->batch));
  } else if (auto* const read = std::get_if<ReadLog>(&request)) {
    worker_.read(read->log, read->token, read->from, read->max_bytes);
  } else if (auto* const open = std::get_if<OpenLog>(&request)) {
    const auto opened = worker_.open(open->directory, open->settings);
    if (!opened) return client.answers_.post(LogNotOpened{open->token, opened.error()});
    FELIX_ASSERT(opened->value == owners_.size());
    owners_.push_back(&client);
    const SegmentLog& log = worker_.log(*opened);
    client.answers_.post(LogOpened{open->token, *opened, log.oldest(), log.tail(), log.report()});
  }
}

void LogThread::answer_events() {
  for (LogEvent& event : events_)
    std::visit([this](auto& each) { owners_[each.log.value]->answers_.post(std::move(each)); }, event);
  events_.clear();
}

bool LogThread::flush_answers() {
  bool left = false;
  for (const auto& client : clients_) left |= !client->answers_.flush();
  return left;
}

}  // namespace felix::storage
