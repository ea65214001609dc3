#include "storage/log_worker.h"

#include <random>

#include <catch2/catch_test_macros.hpp>

#include "stored_records.h"
#include "support/manual_clock.h"
#include "support/seed.h"
#include "support/virtual_disk.h"

using namespace felix;
using namespace felix::storage;
using test::batch_at;
using test::kDirectory;
using test::VirtualDisk;
using Operation = VirtualDisk::Operation;

namespace {

LogSettings settings(Durability durability, std::uint64_t segment_bytes = 1 << 20) {
  return {{test::kLogId, segment_bytes}, durability, {}};
}

// A sender and its worker: numbers batches as a reactor does, and believes only what it is told.
class Sender {
 public:
  explicit Sender(const LogSettings& settings) : worker_(disk_, clock_, {}) {
    log_ = *worker_.open(kDirectory, settings);
  }

  void send(std::uint32_t count = 2, std::size_t record_bytes = 24) {
    auto batch = batch_at(next_, count, record_bytes);
    next_ = batch.end_offset();
    worker_.append(log_, epoch_, std::move(batch));
  }
  // Takes the events since the last call.
  void hear() {
    for (const LogEvent& event : std::exchange(events_, {})) {
      if (const auto* committed = std::get_if<LogCommitted>(&event)) {
        REQUIRE(committed->upto > committed_);
        REQUIRE(committed->upto <= next_);
        committed_ = committed->upto;
        ++commits_;
      } else if (const auto* refused = std::get_if<LogRefused>(&event)) {
        REQUIRE(refused->epoch == epoch_);
        REQUIRE(refused->tail >= committed_);
        ++epoch_;
        next_ = refused->tail;
        refusal_ = refused->error;
        ++refusals_;
      } else if (const auto* page = std::get_if<LogPage>(&event)) {
        pages_.push_back(page->batches);
      }
    }
  }
  void round() {
    worker_.write(events_);
    worker_.sync(events_);
    hear();
  }

  test::ManualClock clock_;
  VirtualDisk disk_;
  LogWorker worker_;
  LogNumber log_;
  std::vector<LogEvent> events_;
  std::uint32_t epoch_ = 0;
  Offset next_ = 0;
  Offset committed_ = 0;
  int commits_ = 0;
  int refusals_ = 0;
  std::optional<Error> refusal_;
  std::vector<Result<std::vector<StoredBatch>>> pages_;
};

VirtualDisk::Injector once(Operation operation, Error error) {
  return [=, done = false](Operation now, const std::string&) mutable -> std::optional<VirtualDisk::Fault> {
    if (now != operation || done) return std::nullopt;
    done = true;
    return VirtualDisk::Fault{error, 10};
  };
}

}  // namespace

TEST_CASE("one write and one sync cover all that came before them", "[L-56]") {
  Sender sender(settings(Durability::synced));
  sender.send();
  sender.round();
  const std::uint64_t writes = sender.disk_.count(Operation::write);
  const std::uint64_t syncs = sender.disk_.count(Operation::sync);
  for (int i = 0; i < 64; ++i) sender.send();
  sender.round();
  CHECK(sender.committed_ == 130);
  CHECK(sender.disk_.count(Operation::write) == writes + 1);
  CHECK(sender.disk_.count(Operation::sync) == syncs + 1);
}

TEST_CASE("an answer comes when the level of its log is reached, not before") {
  for (const Durability durability : {Durability::written, Durability::periodic, Durability::synced}) {
    Sender sender(settings(durability));
    sender.send();
    CHECK(sender.worker_.busy());
    sender.worker_.write(sender.events_);
    sender.hear();
    CHECK(sender.committed_ == (durability == Durability::synced ? 0 : 2));
    sender.worker_.sync(sender.events_);
    sender.hear();
    CHECK(sender.committed_ == 2);
    CHECK_FALSE(sender.worker_.busy());
    CHECK(sender.worker_.log(sender.log_).synced() == (durability == Durability::synced ? 2 : 0));
  }
}

TEST_CASE("a log synced by time is synced once in its interval while it is written, and not when it is idle",
          "[L-51]") {
  Sender sender(settings(Durability::periodic));
  sender.send();
  sender.round();
  const std::uint64_t syncs = sender.disk_.count(Operation::sync);
  CHECK(sender.worker_.next_due() == sender.clock_.now() + std::chrono::milliseconds(250));
  for (int i = 0; i < 1'000; ++i) {
    if (i < 500) sender.send();
    sender.round();
    sender.clock_.advance(std::chrono::milliseconds(1));
  }
  CHECK(sender.disk_.count(Operation::sync) == syncs + 2);
  CHECK(sender.worker_.log(sender.log_).synced() == sender.next_);
}

TEST_CASE("whatever is refused, what is committed is a prefix without a hole, in the order it was sent",
          "[L-36][L-37][L-38]") {
  std::mt19937_64 random(test::seed());
  for (int run = 0; run < 30; ++run) {
    Sender sender(settings(run % 2 == 0 ? Durability::synced : Durability::written, 6'000));
    for (int i = 0; i < 200; ++i) {
      for (auto left = random() % 5; left > 0; --left)
        sender.send(static_cast<std::uint32_t>(random() % 3 + 1));
      if (random() % 8 == 0) sender.disk_.set_capacity(sender.disk_.used_bytes() + random() % 200);
      if (random() % 4 == 0) {
        sender.disk_.set_capacity(UINT64_MAX);
        sender.clock_.advance(std::chrono::milliseconds(60));
      }
      // Some of what is sent is under way while others are refused.
      sender.worker_.write(sender.events_);
      if (random() % 2 == 0) sender.send();
      sender.worker_.sync(sender.events_);
      sender.hear();
    }
    sender.disk_.set_capacity(UINT64_MAX);
    sender.clock_.advance(std::chrono::milliseconds(60));
    sender.round();
    sender.send();
    sender.round();
    CHECK(sender.refusals_ > 0);
    CHECK(sender.committed_ == sender.next_);
    VirtualDisk killed = sender.disk_.after_kill();
    auto log = SegmentLog::open(killed, kDirectory, settings(Durability::synced).log);
    REQUIRE(log);
    CHECK(log->tail() == sender.committed_);
    CHECK(test::read_all(*log) == sender.committed_);
  }
}

TEST_CASE("after a failed sync nothing is acknowledged, whoever asks", "[L-41]") {
  for (const Durability durability : {Durability::periodic, Durability::synced}) {
    Sender sender(settings(durability));
    sender.send();
    sender.round();
    sender.disk_.inject(once(Operation::sync, {Errc::storage, "input/output error"}));
    const Offset before = sender.committed_;
    sender.send();
    sender.clock_.advance(std::chrono::seconds(1));
    sender.round();
    CHECK(sender.refusals_ == 1);
    CHECK(sender.refusal_->code == Errc::storage);
    const Offset promised = sender.committed_;
    if (durability == Durability::synced) CHECK(promised == before);
    for (int i = 0; i < 10; ++i) {
      sender.send();
      sender.clock_.advance(std::chrono::seconds(1));
      sender.round();
    }
    CHECK(sender.committed_ == promised);
    CHECK(sender.refusals_ == 11);
  }
}

TEST_CASE("a disk without room is asked again only after a moment, and retention is tried first", "[L-52]") {
  Sender sender({{test::kLogId, 5'000}, Durability::synced, {.bytes = 12'000, .age = {}}});
  for (int i = 0; i < 60; ++i) {
    sender.send(4, 100);
    sender.round();
  }
  sender.disk_.set_capacity(sender.disk_.used_bytes() + 4'000);
  for (int i = 0; i < 60; ++i) {
    sender.send(4, 100);
    sender.round();
  }
  CHECK(sender.refusals_ == 0);
  CHECK(sender.worker_.log(sender.log_).oldest() > 0);
  sender.disk_.set_capacity(sender.disk_.used_bytes() / 4);
  const std::uint64_t writes = sender.disk_.count(Operation::write);
  for (int i = 0; i < 100; ++i) {
    sender.send(4, 1'000);
    sender.round();
  }
  CHECK(sender.refusals_ > 90);
  CHECK(sender.disk_.count(Operation::write) < writes + 10);
  CHECK(sender.refusal_->code == Errc::overloaded);
}

TEST_CASE("reads are answered in turn, and an idle log writes down what it promised") {
  Sender sender(settings(Durability::synced));
  for (int i = 0; i < 10; ++i) sender.send();
  sender.round();
  for (Offset from = 0; from < 20; ++from) sender.worker_.read(sender.log_, from, from, 1);
  sender.worker_.read(sender.log_, 99, 21, 1);
  while (sender.worker_.busy()) sender.worker_.serve_read(sender.events_);
  sender.hear();
  REQUIRE(sender.pages_.size() == 21);
  for (Offset from = 0; from < 20; ++from) CHECK(sender.pages_[from]->front().base_offset == from);
  CHECK(sender.pages_[20].error().code == Errc::in_future);
}

TEST_CASE("a log that has been quiet for a while writes down what it promised, once") {
  Sender sender(settings(Durability::synced));
  sender.send();
  sender.round();
  const std::uint64_t syncs = sender.disk_.count(Operation::sync);
  sender.worker_.reserve_ahead(sender.events_);
  for (int i = 0; i < 20; ++i) {
    sender.clock_.advance(std::chrono::milliseconds(100));
    sender.worker_.settle(sender.events_);
    CHECK(sender.disk_.count(Operation::sync) == syncs + (i < 4 ? 0 : 1));
  }
  VirtualDisk killed = sender.disk_.after_kill();
  const auto log = SegmentLog::open(killed, kDirectory, settings(Durability::synced).log);
  REQUIRE(log);
  CHECK(log->report().rewritten_bytes == 0);
}

TEST_CASE("retention comes by itself, and says what is gone") {
  Sender sender({{test::kLogId, 5'000}, Durability::written, {.bytes = 12'000, .age = {}}});
  for (int i = 0; i < 60; ++i) {
    sender.send(4, 100);
    sender.round();
  }
  CHECK(sender.worker_.log(sender.log_).oldest() == 0);
  sender.clock_.advance(std::chrono::seconds(60));
  CHECK(sender.worker_.next_due() <= sender.clock_.now());
  sender.worker_.settle(sender.events_);
  const Offset oldest = sender.worker_.log(sender.log_).oldest();
  CHECK(oldest > 0);
  CHECK(std::ranges::any_of(sender.events_, [&](const LogEvent& event) {
    const auto* const trimmed = std::get_if<LogTrimmed>(&event);
    return trimmed != nullptr && trimmed->oldest == oldest;
  }));
}
