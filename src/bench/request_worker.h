#pragma once
// Clients that make requests, each in a thread or a process of its own, and what they share meanwhile.

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "bench/child_process.h"
#include "bench/outcome.h"

namespace felix::bench {

inline constexpr std::size_t kMaxRequestClients = 256;

// In memory that forked processes share; lock-free words only.
struct RequestBoard {
  std::atomic<std::uint32_t> ready{0};     // clients that may start, or never will
  std::atomic<std::uint32_t> finished{0};  // that have ended, well or badly
  std::atomic<std::uint64_t> start_ns{0};  // set once all are ready; 0 before
  std::atomic<bool> stop{false};           // everyone ends now
  struct alignas(64) Count {
    std::atomic<std::uint64_t> answered{0};
  };
  Count counts[kMaxRequestClients];

  std::uint64_t answered() const;
};

class RequestWorkers {
 public:
  // `work(board, index)` counts board.ready up when it could start, and ends soon after board.stop.
  using Work = std::function<RequestOutcome(RequestBoard&, std::size_t index)>;

  // At most kMaxRequestClients. Processes are forked, as start_child() says.
  static Result<std::unique_ptr<RequestWorkers>> start(std::size_t clients, bool processes, Work work);
  // Stops and waits for them.
  ~RequestWorkers();
  RequestWorkers(const RequestWorkers&) = delete;
  RequestWorkers& operator=(const RequestWorkers&) = delete;

  RequestBoard& board() { return *board_; }
  bool all_ready() const { return board_->ready.load() >= outcomes_.size(); }
  bool all_finished() const { return board_->finished.load() >= outcomes_.size(); }
  // Waits for them; one that told nothing has an error.
  std::vector<RequestOutcome>& join();

 private:
  struct Unmap {
    void operator()(RequestBoard* board) const;
  };
  RequestWorkers(std::size_t clients, Work work) : work_(std::move(work)), outcomes_(clients) {}
  RequestOutcome run(std::size_t index);

  Work work_;
  std::unique_ptr<RequestBoard, Unmap> board_;
  std::vector<RequestOutcome> outcomes_;
  std::vector<std::thread> threads_;
  std::vector<ChildProcess> processes_;
};

}  // namespace felix::bench
