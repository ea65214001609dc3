#include "support/relay_thread.h"

#include <future>
#include <utility>

namespace felix::test {

RelayThread::RelayThread(const io::Address& server, std::uint64_t seed)
    : loop_(io::Loop::create(clock_).value()),
      relay_(std::make_unique<UdpRelay>(*loop_, server, seed)),
      address_(relay_->address()),
      end_of_turn_(std::make_unique<io::EndOfTurn>(*loop_,
                                                   [this] {
                                                     run_changes();
                                                     return false;
                                                   })),
      thread_([this] { loop_->run(); }) {}

RelayThread::~RelayThread() {
  loop_->stop();
  thread_.join();
}

void RelayThread::with(const std::function<void(UdpRelay&)>& change) {
  std::promise<void> done;
  {
    const std::lock_guard lock(mutex_);
    changes_.push_back([&] {
      change(*relay_);
      done.set_value();
    });
  }
  loop_->wake();
  done.get_future().wait();
}

void RelayThread::run_changes() {
  std::vector<std::function<void()>> due;
  {
    const std::lock_guard lock(mutex_);
    due = std::exchange(changes_, {});
  }
  for (const auto& change : due) change();
}

}  // namespace felix::test
