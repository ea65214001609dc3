#include "bench/crew.h"

#include <algorithm>
#include <sys/prctl.h>

#include "bench/placement.h"
#include "bench/publisher_client.h"
#include "bench/subscriber_client.h"
#include "io/clock.h"
#include "io/loop.h"

namespace felix::bench {

Crew::Crew(Scoreboard& scoreboard, const Load& load, const client::ConnectOptions& options, std::uint16_t run)
    : scoreboard_(scoreboard),
      load_(load),
      options_(options),
      run_(run),
      publishers_(load.publishers),
      subscribers_(load.fanout) {
  // A client that lost its connection is a run that failed.
  options_.reconnect.enabled = false;
  std::vector<Share> shares;
  const std::size_t step = std::min<std::size_t>(load.fanout, kMaxSubscriberThreads);
  for (std::size_t i = 0; i < step; ++i) shares.push_back({false, i, step});
  for (std::size_t i = 0; i < load.publishers; ++i) shares.push_back({true, i, load.publishers});
  for (const Share& share : shares) {
    if (!load.processes) {
      threads_.emplace_back([this, share] { work(share); });
    } else if (auto process = fork_process(share)) {
      processes_.push_back(*process);
    } else {
      fail_share(share, process.error());
    }
  }
}

Crew::~Crew() {
  if (threads_.empty() && processes_.empty()) return;
  scoreboard_.abort();
  join();
}

void Crew::join() {
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  for (const Process& process : processes_) hear(process);
  processes_.clear();
}

const Error* Crew::error() const {
  for (const PublisherOutcome& outcome : publishers_)
    if (outcome.error) return &*outcome.error;
  for (const SubscriberOutcome& outcome : subscribers_)
    if (outcome.error) return &*outcome.error;
  return nullptr;
}

void Crew::work(const Share& share) {
  pin_this_thread(share.publisher ? load_.placement.publisher : load_.placement.subscriber);
  share.publisher ? run_publisher(share.first) : run_subscribers(share.first, share.step);
}

void Crew::fail_share(const Share& share, const Error& error) {
  scoreboard_.abort();
  const std::size_t all = share.publisher ? load_.publishers : load_.fanout;
  for (std::size_t i = share.first; i < all; i += share.step) {
    (share.publisher ? publishers_[i].error : subscribers_[i].error) = error;
    scoreboard_.add_finished();
  }
}

void Crew::run_publisher(std::size_t index) {
  // The generator's own clock: without it a sleep ends up to 50 us late.
  ::prctl(PR_SET_TIMERSLACK, 1UL);
  const io::SystemClock clock;
  auto loop = io::Loop::create(clock);
  if (!loop) return fail_share({true, index, load_.publishers}, loop.error());
  client::ConnectOptions options = options_;
  if (load_.json) {
    options.client_flags.reset();
    options.client_features.reset();
  }
  PublisherClient client(**loop, scoreboard_, load_, run_, index);
  client.start(std::move(options));
  (*loop)->run_until([&] { return client.finished(); }, kNever);
  publishers_[index] = client.take_outcome();
}

void Crew::run_subscribers(std::size_t first, std::size_t step) {
  const io::SystemClock clock;
  auto loop = io::Loop::create(clock);
  if (!loop) return fail_share({false, first, step}, loop.error());
  std::vector<std::unique_ptr<SubscriberClient>> clients;
  for (std::size_t i = first; i < load_.fanout; i += step) {
    clients.push_back(std::make_unique<SubscriberClient>(**loop, scoreboard_, load_, run_, i));
    clients.back()->start(options_);
  }
  (*loop)->run_until(
      [&] { return std::ranges::all_of(clients, [](const auto& client) { return client->finished(); }); },
      kNever);
  for (std::size_t i = 0; i < clients.size(); ++i) {
    subscribers_[first + i * step] = clients[i]->take_outcome();
    // The thread's work is theirs together.
    if (i > 0) subscribers_[first + i * step].cpu_s = 0;
  }
}

}  // namespace felix::bench
