#pragma once
// The publishers and subscribers of a run at work: each in a thread with its own loop and its own connection
// (many subscribers share threads), or each of these threads in a process of its own.

#include <memory>
#include <thread>
#include <vector>

#include "bench/child_process.h"
#include "bench/load.h"
#include "bench/outcome.h"
#include "bench/scoreboard.h"
#include "client/options.h"

namespace felix::bench {

class Crew {
 public:
  static constexpr std::size_t kMaxSubscriberThreads = 64;

  // Starts them; they wait for Scoreboard::go(). Everything referred to must outlive the Crew. Processes are
  // forked, so nothing else of this process may hold a lock then.
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
  // The clients of one thread: a publisher, or subscribers first, first + step, ...
  struct Share {
    bool publisher;
    std::size_t first;
    std::size_t step;
  };
  struct Process {
    Share share;
    ChildProcess child;
  };

  void work(const Share& share);
  void run_publisher(std::size_t index);
  void run_subscribers(std::size_t first, std::size_t step);
  // Everyone of a share ends with this.
  void fail_share(const Share& share, const Error& error);

  Result<Process> fork_process(const Share& share);
  // In the child.
  std::vector<std::byte> work_and_tell(const Share& share);
  void hear(const Process& process);

  Scoreboard& scoreboard_;
  const Load& load_;
  client::ConnectOptions options_;
  const std::uint16_t run_;
  std::vector<PublisherOutcome> publishers_;
  std::vector<SubscriberOutcome> subscribers_;
  std::vector<std::thread> threads_;
  std::vector<Process> processes_;
};

}  // namespace felix::bench
