// One reader of nine on a connection stops reading for a while. What its eight neighbours and the publisher
// notice of it, under two policies side by side. The exit code is 0 when the neighbours noticed nothing.
//
// The broker must give the two streams their policies:
//   felix broker --subscriber-stream-policies
//   'default/default/slow-consumer-drop=drop_old:16,default/default/slow-consumer-block=block:16'

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "client/publisher.h"
#include "client/subscriber.h"
#include "connect.h"
#include "io/clock.h"
#include "io/loop.h"

using namespace felix;

namespace {

constexpr std::size_t kNeighbours = 8;
constexpr std::size_t kRecordBytes = 2048;
constexpr std::uint64_t kInFlight = 64;  // publishes not answered
constexpr Duration kInterval = std::chrono::microseconds(1000);
constexpr Duration kCalm = std::chrono::milliseconds(1000);
constexpr Duration kStall = std::chrono::milliseconds(2500);
constexpr Duration kReport = std::chrono::milliseconds(250);

struct Reader {
  std::unique_ptr<client::Subscriber> subscriber;
  std::uint64_t received = 0;
  std::uint64_t missed = 0;
};

// One stream: its publisher, eight readers and a slow one on a connection.
class Lane {
 public:
  static Result<std::unique_ptr<Lane>> open(io::Loop& loop, const client::ConnectOptions& connect,
                                            const std::string& stream) {
    std::unique_ptr<Lane> lane(new Lane(stream));
    FELIX_TRY(lane->publishing_, client::Session::create(loop, connect));
    FELIX_TRY(lane->reading_, client::Session::create(loop, connect));
    FELIX_CHECK(lane->publishing_->connect());
    FELIX_CHECK(lane->reading_->connect());
    lane->publisher_ = std::make_unique<client::Publisher>(*lane->publishing_, client::PublisherOptions{});
    for (std::size_t i = 0; i <= kNeighbours; ++i) {
      Reader& reader = lane->readers_.emplace_back();
      reader.subscriber =
          std::make_unique<client::Subscriber>(*lane->reading_, client::SubscribeOptions{.stream = stream});
      FELIX_CHECK(reader.subscriber->wait_live(loop.now() + std::chrono::seconds(10)));
    }
    return lane;
  }

  // Publishes what is due, as far as unanswered publishes allow.
  void publish(MonoTime now) {
    for (next_ = std::max(next_, now - 10 * kInterval); next_ <= now && sent - answered < kInFlight;
         next_ += kInterval) {
      std::string record(kRecordBytes, '.');
      const auto at = static_cast<std::uint64_t>(now.time_since_epoch().count());
      std::memcpy(record.data(), &at, sizeof at);
      publisher_->publish({.stream = stream_, .records = wire::RecordRun::single(as_bytes(record))},
                          [this](Result<client::PublishOutcome> outcome) {
                            ++answered;
                            failed += !outcome;
                          });
      ++sent;
    }
  }

  // Takes what has come; the slow reader only where `slow_too`.
  void read(MonoTime now, bool slow_too) {
    for (std::size_t i = 0; i < readers_.size(); ++i) {
      if (i == kNeighbours && !slow_too) continue;
      Reader& reader = readers_[i];
      while (auto batch = reader.subscriber->try_next()) {
        reader.missed += batch->dropped_before;
        reader.received += batch->records.count();
        if (i < kNeighbours) note_latency(now, *batch);
      }
    }
  }

  bool caught_up() const {
    if (answered < sent) return false;
    return std::ranges::all_of(readers_, [&](const Reader& r) { return r.received + r.missed == sent; });
  }
  std::uint64_t neighbours_received() const {
    return std::ranges::min_element(readers_.begin(), readers_.end() - 1, {}, &Reader::received)->received;
  }
  std::uint64_t neighbours_missed() const {
    std::uint64_t missed = 0;
    for (std::size_t i = 0; i < kNeighbours; ++i) missed += readers_[i].missed;
    return missed;
  }
  const Reader& slow() const { return readers_[kNeighbours]; }
  // Of the neighbours, since the last call, in milliseconds.
  double take_p99() {
    if (latencies_.empty()) return 0;
    const auto at = latencies_.begin() + static_cast<std::ptrdiff_t>(latencies_.size() * 99 / 100);
    std::nth_element(latencies_.begin(), at, latencies_.end());
    const double milliseconds = static_cast<double>(*at) / 1e6;
    latencies_.clear();
    return milliseconds;
  }

  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  std::uint64_t failed = 0;

 private:
  explicit Lane(std::string stream) : stream_(std::move(stream)) {}

  void note_latency(MonoTime now, const client::EventBatch& batch) {
    for (const Bytes record : batch.records) {
      std::uint64_t at = 0;
      if (record.size() < sizeof at) continue;
      std::memcpy(&at, record.data(), sizeof at);
      latencies_.push_back(static_cast<std::uint64_t>(now.time_since_epoch().count()) - at);
    }
  }

  const std::string stream_;
  std::unique_ptr<client::Session> publishing_;
  std::unique_ptr<client::Session> reading_;
  std::unique_ptr<client::Publisher> publisher_;
  std::vector<Reader> readers_;
  std::vector<std::uint64_t> latencies_;
  MonoTime next_ = MonoTime::min();
};

void print_row(const char* phase, Lane& drop, Lane& block) {
  std::printf("%-9s", phase);
  for (Lane* lane : {&drop, &block})
    std::printf(" | %9llu %9llu %8.2f %9llu %7llu", static_cast<unsigned long long>(lane->answered),
                static_cast<unsigned long long>(lane->neighbours_received()), lane->take_p99(),
                static_cast<unsigned long long>(lane->slow().received),
                static_cast<unsigned long long>(lane->slow().missed));
  std::printf("\n");
  std::fflush(stdout);
}

bool verdict(bool holds, const char* promise) {
  std::printf("%s  %s\n", holds ? "held  " : "BROKEN", promise);
  return holds;
}

Result<bool> run() {
  const io::SystemClock clock;
  FELIX_TRY(auto loop, io::Loop::create(clock));
  FELIX_TRY(client::ConnectOptions options, example::connect_options());
  options.transport.stream_window_bytes = 64 * 1024;  // little waits for a slow reader on its way
  FELIX_TRY(const auto drop, Lane::open(*loop, options, "slow-consumer-drop"));
  FELIX_TRY(const auto block, Lane::open(*loop, options, "slow-consumer-block"));

  std::printf("%-9s | %-46s | %s\n", "", "drop_old: the slow reader loses the oldest",
              "block: the publisher waits for the slow reader");
  std::printf("%-9s", "");
  for (int i = 0; i < 2; ++i)
    std::printf(" | %9s %9s %8s %9s %7s", "published", "8 others", "p99 ms", "slow one", "missed");
  std::printf("\n");

  std::uint64_t block_sent_in_stall = 0, drop_sent_in_stall = 0;
  const auto phase = [&](const char* name, Duration length, bool slow_reads, bool publishes) {
    const MonoTime end = clock.now() + length;
    const std::uint64_t block_before = block->answered, drop_before = drop->answered;
    for (MonoTime report = clock.now() + kReport; clock.now() < end;) {
      if (!publishes && drop->caught_up() && block->caught_up()) break;
      loop->turn(clock.now() + kInterval);
      for (Lane* lane : {drop.get(), block.get()}) {
        if (publishes) lane->publish(clock.now());
        lane->read(clock.now(), slow_reads);
      }
      if (clock.now() < report) continue;
      print_row(name, *drop, *block);
      report += kReport;
    }
    block_sent_in_stall = block->answered - block_before;
    drop_sent_in_stall = drop->answered - drop_before;
  };
  phase("all read", kCalm, true, true);
  phase("one stops", kStall, false, true);
  const std::uint64_t drop_in_stall = drop_sent_in_stall, block_in_stall = block_sent_in_stall;
  phase("and reads", kCalm, true, true);
  phase("the rest", std::chrono::seconds(20), true, false);
  print_row("the end", *drop, *block);

  bool holds = verdict(drop->neighbours_missed() == 0 && drop->neighbours_received() == drop->sent,
                       "drop_old: the eight others received every record");
  holds &= verdict(drop->slow().missed > 0 && drop->caught_up(),
                   "drop_old: the slow reader missed some and knows how many");
  holds &= verdict(block->neighbours_missed() == 0 && block->neighbours_received() == block->sent,
                   "block: the eight others received every record");
  holds &= verdict(block->slow().missed == 0 && block->slow().received == block->sent,
                   "block: so did the slow one, later");
  holds &= verdict(block_in_stall < drop_in_stall / 2,
                   "the publisher was held back under block, and under drop_old it was not");
  holds &= verdict(drop->failed + block->failed == 0, "no publish failed");
  return holds;
}

}  // namespace

int main() {
  const Result<bool> held = run();
  if (held) return *held ? 0 : 1;
  std::fprintf(stderr, "slow_consumer: %s\n", to_string(held.error()).c_str());
  return static_cast<int>(exit_code(held.error()));
}
