#pragma once
// One subscriber of a run: every record it gets is timed, checked against its publisher's numbering and
// counted to its publishers' credit.
//
// It ends when all that was published has arrived, or nothing more has come for a while.
//
// Threads: the loop's.

#include <cstdint>
#include <memory>
#include <vector>

#include "bench/load.h"
#include "bench/outcome.h"
#include "bench/pacing.h"
#include "bench/scoreboard.h"
#include "bench/sequence_tracker.h"
#include "client/session.h"
#include "client/subscriber.h"

namespace felix::bench {

class SubscriberClient {
 public:
  SubscriberClient(io::Loop& loop, Scoreboard& scoreboard, const Load& load, std::uint16_t run,
                   std::size_t index);
  SubscriberClient(const SubscriberClient&) = delete;
  SubscriberClient& operator=(const SubscriberClient&) = delete;

  void start(client::ConnectOptions options);
  bool finished() const { return finished_; }
  // Only when finished, or given up.
  SubscriberOutcome take_outcome();

 private:
  void on_event();
  void take(const client::EventBatch& batch);
  void take_record(Bytes record, std::uint64_t now_ns);
  void end_interval();
  void wake_publishers();
  void check_end();
  void finish();
  std::uint64_t now_ns() const;

  io::Loop& loop_;
  Scoreboard& scoreboard_;
  Scoreboard::SubscriberRow& row_;
  const Load& load_;
  const std::uint16_t run_;
  const std::size_t index_;
  std::vector<SequenceTracker> trackers_;  // by publisher
  std::unique_ptr<client::Session> session_;
  std::unique_ptr<client::Subscriber> subscriber_;
  std::unique_ptr<io::Watch> watch_;
  io::Timer quiet_;
  const Scoreboard::Times* times_ = nullptr;
  Schedule schedule_;
  std::uint64_t accounted_ = 0;
  std::uint64_t unique_ = 0;
  std::uint64_t last_progress_ = 0;
  std::uint64_t cpu_before_ns_ = 0;
  std::uint64_t interval_end_ns_ = 0;
  telemetry::Histogram interval_;
  bool live_ = false;
  bool finished_ = false;
  SubscriberOutcome outcome_;
};

}  // namespace felix::bench
