#include "storage/log_thread.h"

#include <catch2/catch_test_macros.hpp>

#include "stored_records.h"
#include "support/temporary_directory.h"
#include "support/virtual_disk.h"

using namespace felix;
using namespace felix::storage;
using test::batch_at;

namespace {

LogSettings settings(Durability durability) { return {{test::kLogId, 1 << 20}, durability, {}}; }

// A reactor that keeps logs: each has as many batches under way as it may.
class Reactor {
 public:
  Reactor(LogThread& thread, const io::Clock& clock) : loop_(*io::Loop::create(clock)) {
    client_ = &thread.add_client(*loop_);
    loop_->at_end_of_turn([this] {
      client_->drain(256, [this](LogAnswer&& answer) { take(std::move(answer)); });
      return client_->flush() || !client_->empty();
    });
  }

  void open(const std::string& directory, const LogSettings& settings) {
    client_->open({logs_.size(), directory, settings});
    logs_.push_back({});
  }
  // Publishes `batches` of two records to each log, `window` at once.
  bool publish(std::uint64_t batches, std::uint64_t window) {
    target_ = batches * 2;
    window_ = window * 2;
    for (Log& log : logs_) fill(log);
    return loop_->run_until([&] { return done(); }, loop_->clock().now() + std::chrono::seconds(60));
  }
  const std::optional<Error>& failure(std::size_t log) const { return logs_.at(log).failed; }

 private:
  struct Log {
    std::optional<LogNumber> number;
    std::optional<Error> failed;
    Offset next = 0;
    Offset committed = 0;
  };
  bool done() const {
    return std::ranges::all_of(logs_, [&](const Log& log) { return log.failed || log.committed >= target_; });
  }
  void fill(Log& log) {
    while (log.number && log.next < target_ && log.next - log.committed < window_) {
      client_->append({*log.number, 0, batch_at(log.next, 2)});
      log.next += 2;
    }
  }
  void take(LogAnswer&& answer) {
    if (const auto* const opened = std::get_if<LogOpened>(&answer)) {
      Log& log = logs_.at(opened->token);
      log.number = opened->log;
      log.next = log.committed = opened->tail;
      fill(log);
    } else if (const auto* const refused = std::get_if<LogNotOpened>(&answer)) {
      logs_.at(refused->token).failed = refused->error;
    } else if (const auto* const committed = std::get_if<LogCommitted>(&answer)) {
      const auto log =
          std::ranges::find_if(logs_, [&](const Log& each) { return each.number == committed->log; });
      REQUIRE(committed->upto > log->committed);
      log->committed = committed->upto;
      fill(*log);
    }
  }

  std::unique_ptr<io::Loop> loop_;
  LogClient* client_ = nullptr;
  std::vector<Log> logs_;
  std::uint64_t target_ = 0;
  std::uint64_t window_ = 0;
};

}  // namespace

TEST_CASE("reactors publish to logs of a disk, each level, and all of it is there afterwards") {
  const test::TemporaryDirectory directory;
  const io::SystemClock clock;
  io::SystemDisk disk;
  const auto thread = *LogThread::create(disk, clock, {});
  {
    Reactor one(*thread, clock);
    Reactor two(*thread, clock);
    thread->start();
    int number = 0;
    for (Reactor* const reactor : {&one, &two})
      for (const Durability durability : {Durability::written, Durability::periodic, Durability::synced})
        reactor->open(directory.path() + "/" + std::to_string(number++), settings(durability));
    CHECK(one.publish(200, 1));
    CHECK(two.publish(2'000, 64));
    CHECK(one.publish(2'000, 1'000'000));
    thread->stop();
    thread->join();
  }
  for (int number = 0; number < 6; ++number) {
    auto log = SegmentLog::open(disk, directory.path() + "/" + std::to_string(number),
                                settings(Durability::synced).log);
    REQUIRE(log);
    CHECK(log->tail() == 4'000);
    CHECK(test::read_all(*log) == 4'000);
    // A log that was left in order is not written again.
    CHECK(log->report().rewritten_bytes == 0);
  }
}

TEST_CASE("a log that cannot be opened says why to whoever asked, and the others go on", "[L-54]") {
  const io::SystemClock clock;
  test::VirtualDisk disk;
  const std::string bad = "/data/bad/" + segment_name(7);
  REQUIRE(disk.make_directories("/data/bad"));
  REQUIRE(disk.open(bad, io::Disk::Open::create));
  auto& content = disk.content(bad);
  content.assign(kHeaderPageBytes, std::byte{7});
  std::copy(kEndMark.begin(), kEndMark.end(), content.end() - kEndMark.size());
  const auto thread = *LogThread::create(disk, clock, {});
  {
    Reactor reactor(*thread, clock);
    thread->start();
    for (const char* const name : {"/data/good", "/data/bad", "/data/other"})
      reactor.open(name, settings(Durability::synced));
    CHECK(reactor.publish(10, 1));
    CHECK_FALSE(reactor.failure(0));
    CHECK_FALSE(reactor.failure(2));
    REQUIRE(reactor.failure(1));
    CHECK(reactor.failure(1)->code == Errc::malformed);
    CHECK(reactor.failure(1)->context == bad + ": this is no segment of a Felix log");
    thread->stop();
    thread->join();
  }
}
