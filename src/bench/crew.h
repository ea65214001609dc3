#pragma once
// The publishers and subscribers of a run at work: each in a thread with its own loop and its own connection
// (many subscribers share threads), or each of these threads in a process of its own.

#include <memory>
#include <thread>
#include <vector>

#include "bench/load.h"
#include "bench/outcome.h"
#include "bench/scoreboard.h"
#include "client/options.h"

namespace felix::bench {

class Crew {
 public:
  static constexpr std::size_t kMaxSubscriberThreads = 64;

  // Starts them; they wait for Scoreboard::go(). Everything referred to must outlive the Crew.
  Crew(Scoreboard& scoreboard, const Load& load, const client::ConnectOptions& options, std::uint16_t run);
  // Aborts and waits for those that still work.
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  // Waits for all to end. Afterwards the outcomes are there.
  void join();
  const std::vector<PublisherOutcome>& publishers() const { return publishers_; }
  const std::vector<SubscriberOutcome>& subscribers() const { return subscribers_; }
  // What kept anyone from working; null when nothing did.
  const Error* error() const;

 private:
  void run_publisher(std::size_t index);
  // Subscribers first, first + step, ...
  void run_subscribers(std::size_t first, std::size_t step);

  Scoreboard& scoreboard_;
  const Load& load_;
  client::ConnectOptions options_;
  const std::uint16_t run_;
  std::vector<PublisherOutcome> publishers_;
  std::vector<SubscriberOutcome> subscribers_;
  std::vector<std::thread> threads_;
};

}  // namespace felix::bench
