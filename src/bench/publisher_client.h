#pragma once
// One publisher of a run: connects, waits for go, sends by its pace, waits for the answers. It sleeps on
// absolute deadlines and never spins: a generator that spins takes a CPU from what it measures.
//
// A flood is lossless although queues of subscribers drop what does not fit: at most Load::in_flight records
// of all publishers are under way at once. Subscribers wake a publisher that waits when half of that has
// arrived.
//
// Threads: the loop's.

#include <cstdint>
#include <memory>

#include "bench/load.h"
#include "bench/outcome.h"
#include "bench/pacing.h"
#include "bench/payload.h"
#include "bench/scoreboard.h"
#include "client/publisher.h"
#include "client/session.h"

namespace felix::bench {

class PublisherClient {
 public:
  PublisherClient(io::Loop& loop, Scoreboard& scoreboard, const Load& load, std::uint16_t run,
                  std::size_t index);
  PublisherClient(const PublisherClient&) = delete;
  PublisherClient& operator=(const PublisherClient&) = delete;

  void start(client::ConnectOptions options);
  // Nothing is left to do.
  bool finished() const { return finished_; }
  // Only when finished, or given up.
  PublisherOutcome take_outcome();

 private:
  void on_state(client::Session::State state);
  void on_ring();
  void on_go(const Scoreboard::Times& times);
  void pump();
  bool admits(std::uint64_t now_ns);
  void send(std::uint64_t now_ns);
  void on_answer(std::uint64_t sent_ns, std::uint64_t count, const Result<client::PublishOutcome>& outcome);
  void stop_sending();
  void finish();
  std::uint64_t now_ns() const;

  io::Loop& loop_;
  Scoreboard& scoreboard_;
  Scoreboard::PublisherRow& row_;
  const Load& load_;
  const std::uint16_t run_;
  const std::size_t index_;
  PayloadSource payload_;
  std::unique_ptr<client::Session> session_;
  std::unique_ptr<client::Publisher> publisher_;
  std::unique_ptr<io::Watch> watch_;
  io::Timer due_;
  Schedule schedule_;
  std::uint64_t measure_ns_ = 0;
  std::uint64_t until_ns_ = 0;
  std::uint64_t records_ = UINT64_MAX;  // measured ones to send
  std::uint64_t sequence_ = 0;
  std::uint64_t cpu_before_ns_ = 0;
  bool ready_ = false;
  bool any_good_ = false;  // a publish succeeded; where none does, there is nothing to measure
  bool going_ = false;
  bool sending_ = false;
  bool finished_ = false;
  PublisherOutcome outcome_;
};

}  // namespace felix::bench
