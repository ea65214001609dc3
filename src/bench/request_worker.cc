#include "bench/request_worker.h"

#include <new>
#include <sys/mman.h>

#include "bench/outcome_bytes.h"

namespace felix::bench {

std::uint64_t RequestBoard::answered() const {
  std::uint64_t sum = 0;
  for (const Count& each : counts) sum += each.answered.load(std::memory_order_relaxed);
  return sum;
}

void RequestWorkers::Unmap::operator()(RequestBoard* board) const { ::munmap(board, sizeof *board); }

RequestOutcome RequestWorkers::run(std::size_t index) {
  RequestOutcome outcome = work_(*board_, index);
  if (outcome.error) {
    board_->stop.store(true);
    board_->ready.fetch_add(static_cast<std::uint32_t>(outcomes_.size()));
  }
  board_->finished.fetch_add(1);
  return outcome;
}

Result<std::unique_ptr<RequestWorkers>> RequestWorkers::start(std::size_t clients, bool processes,
                                                              Work work) {
  std::unique_ptr<RequestWorkers> workers(new RequestWorkers(clients, std::move(work)));
  void* memory =
      ::mmap(nullptr, sizeof(RequestBoard), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return fail(Errc::unavailable, "no shared memory for the clients");
  workers->board_.reset(new (memory) RequestBoard);
  for (std::size_t i = 0; i < clients; ++i) {
    RequestWorkers& all = *workers;
    if (!processes) {
      all.threads_.emplace_back([&all, i] { all.outcomes_[i] = all.run(i); });
      continue;
    }
    FELIX_TRY(const ChildProcess child, start_child([&all, i] {
                std::vector<std::byte> told;
                append_outcome(told, all.run(i));
                return told;
              }));
    all.processes_.push_back(child);
  }
  return workers;
}

RequestWorkers::~RequestWorkers() {
  if (board_) board_->stop.store(true);
  join();
}

std::vector<RequestOutcome>& RequestWorkers::join() {
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  for (std::size_t i = 0; i < processes_.size(); ++i) {
    const std::vector<std::byte> told = hear_child(processes_[i]);
    Bytes bytes = told;
    if (auto outcome = take_request_outcome(bytes)) {
      outcomes_[i] = std::move(*outcome);
    } else {
      outcomes_[i].error = Error{Errc::connection_lost, "a client process ended before it told what it saw"};
    }
  }
  processes_.clear();
  return outcomes_;
}

}  // namespace felix::bench
