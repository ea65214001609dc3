#include "bench/relay.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <new>
#include <poll.h>
#include <span>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <thread>
#include <vector>

#include "bench/child_process.h"
#include "bench/floor_socket.h"
#include "io/clock.h"

namespace felix::bench {
namespace {

constexpr std::size_t kMaxSamples = 1u << 23;
constexpr Duration kHeadStart = std::chrono::milliseconds(5);

using Buffer = std::array<std::byte, kMaxRelayPayload>;

std::uint64_t now_ns() { return nanos_since_epoch(io::SystemClock().now()); }
std::uint64_t ns(Duration duration) { return static_cast<std::uint64_t>(duration.count()); }

void wait_until(std::uint64_t at_ns) {
  for (std::uint64_t now = now_ns(); now < at_ns; now = now_ns()) {
    const timespec left{static_cast<time_t>((at_ns - now) / 1'000'000'000),
                        static_cast<long>((at_ns - now) % 1'000'000'000)};
    ::ppoll(nullptr, 0, &left, nullptr);
  }
}

// What the three share, in memory that forked processes share too.
struct Board {
  std::atomic<bool> done{false};
  std::atomic<std::size_t> samples{0};
  std::array<std::uint64_t, kMaxSamples> nanos;  // pages are taken as they are written
};

struct Unmap {
  void operator()(Board* board) const { ::munmap(board, sizeof(Board)); }
};

Result<std::unique_ptr<Board, Unmap>> make_board() {
  void* memory = ::mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return fail(Errc::unavailable, "no memory for the relay's samples");
  return std::unique_ptr<Board, Unmap>(new (memory) Board);
}

struct Sockets {
  FloorSocket publisher;
  FloorSocket relay_in;
  FloorSocket relay_out;
  FloorSocket subscriber;
};

Result<Sockets> open_sockets() {
  FELIX_TRY(FloorSocket publisher, FloorSocket::open());
  FELIX_TRY(FloorSocket relay_in, FloorSocket::open());
  FELIX_TRY(FloorSocket relay_out, FloorSocket::open());
  FELIX_TRY(FloorSocket subscriber, FloorSocket::open());
  FELIX_CHECK(publisher.connect(relay_in.port()));
  FELIX_CHECK(relay_out.connect(subscriber.port()));
  return Sockets{std::move(publisher), std::move(relay_in), std::move(relay_out), std::move(subscriber)};
}

void relay(const RelayLoad& load, Sockets& sockets, Board& board) {
  pin_this_thread(load.placement.broker);
  Buffer buffer;
  while (!board.done.load(std::memory_order_relaxed)) {
    if (const std::size_t got = sockets.relay_in.receive(buffer); got > 0)
      sockets.relay_out.send(std::span(buffer).first(got));
  }
}

void subscribe(const RelayLoad& load, Sockets& sockets, Board& board, std::uint64_t measure_ns) {
  pin_this_thread(load.placement.subscriber);
  Buffer buffer;
  std::size_t samples = 0;
  while (!board.done.load(std::memory_order_relaxed)) {
    std::uint64_t sent = 0;
    if (sockets.subscriber.receive(buffer) < sizeof sent) continue;
    const std::uint64_t now = now_ns();
    std::memcpy(&sent, buffer.data(), sizeof sent);
    if (sent < measure_ns || samples == kMaxSamples) continue;
    board.nanos[samples++] = now - sent;
    board.samples.store(samples, std::memory_order_release);
  }
}

void publish(const RelayLoad& load, Sockets& sockets, const Board& board, std::uint64_t start_ns,
             std::uint64_t until_ns) {
  // As the publishers of a run: without it a sleep ends up to 50 us late.
  ::prctl(PR_SET_TIMERSLACK, 1UL);
  pin_this_thread(load.placement.publisher);
  Buffer buffer{};
  for (std::uint64_t i = 0;; ++i) {
    const std::uint64_t due =
        start_ns + i / load.rate * 1'000'000'000 + i % load.rate * 1'000'000'000 / load.rate;
    if (due >= until_ns || board.done.load(std::memory_order_relaxed)) return;
    wait_until(due);
    const std::uint64_t sent = now_ns();
    std::memcpy(buffer.data(), &sent, sizeof sent);
    sockets.publisher.send(std::span(buffer).first(load.payload_bytes));
  }
}

// The three at work, in threads or processes; all have ended when it is gone.
class Roles {
 public:
  explicit Roles(Board& board) : board_(board) {}
  ~Roles() {
    board_.done.store(true);
    for (std::thread& thread : threads_) thread.join();
    for (const ChildProcess& child : processes_) hear_child(child);
  }
  Roles(const Roles&) = delete;
  Roles& operator=(const Roles&) = delete;

  template <class Role>
  void start_thread(Role role) {
    threads_.emplace_back(std::move(role));
  }
  template <class Role>
  Status start_process(Role role) {
    FELIX_TRY(const ChildProcess child, start_child([&role]() -> std::vector<std::byte> {
                role();
                return {};
              }));
    processes_.push_back(child);
    return {};
  }

 private:
  Board& board_;
  std::vector<std::thread> threads_;
  std::vector<ChildProcess> processes_;
};

}  // namespace

Result<LatencySummary> run_relay(const RelayLoad& load, const std::function<bool()>& go_on) {
  FELIX_TRY(Sockets sockets, open_sockets());
  FELIX_TRY(const auto board, make_board());
  const std::uint64_t start_ns = now_ns() + ns(kHeadStart);
  const std::uint64_t measure_ns = start_ns + ns(load.warmup);
  const std::uint64_t until_ns = measure_ns + ns(load.duration);
  {
    Roles roles(*board);
    const auto relay_role = [&] { relay(load, sockets, *board); };
    const auto subscriber_role = [&] { subscribe(load, sockets, *board, measure_ns); };
    const auto publisher_role = [&] { publish(load, sockets, *board, start_ns, until_ns); };
    FELIX_CHECK(roles.start_process(relay_role));
    if (load.processes) {
      FELIX_CHECK(roles.start_process(subscriber_role));
      FELIX_CHECK(roles.start_process(publisher_role));
    } else {
      roles.start_thread(subscriber_role);
      roles.start_thread(publisher_role);
    }
    while (now_ns() < until_ns) {
      if (!go_on) {
        wait_until(until_ns);
      } else if (!go_on()) {
        return fail(Errc::interrupted, "the measurement was interrupted");
      }
    }
  }
  telemetry::Histogram histogram;
  for (std::size_t i = 0; i < board->samples.load(std::memory_order_acquire); ++i)
    histogram.record(board->nanos[i]);
  if (histogram.count() == 0) return fail(Errc::timed_out, "relay: nothing arrived");
  return summarize(histogram);
}

}  // namespace felix::bench
