#include "bench/scoreboard.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <sys/mman.h>

namespace felix::bench {
namespace {

static_assert(std::atomic<std::uint64_t>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

// Constructs `count` rows at `at`, which moves behind them.
template <class Row>
std::span<Row> place(std::byte*& at, std::size_t count) {
  Row* first = reinterpret_cast<Row*>(at);
  for (std::size_t i = 0; i < count; ++i) new (first + i) Row;
  at += count * sizeof(Row);
  return {first, count};
}

}  // namespace

Result<std::unique_ptr<Scoreboard>> Scoreboard::create(std::size_t publishers, std::size_t subscribers) {
  std::unique_ptr<Scoreboard> scoreboard(new Scoreboard);
  constexpr std::size_t kBoardBytes = (sizeof(Board) + 127) / 128 * 128;
  scoreboard->memory_bytes_ =
      kBoardBytes + publishers * sizeof(PublisherRow) + subscribers * sizeof(SubscriberRow);
  void* memory =
      ::mmap(nullptr, scoreboard->memory_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return fail(Errc::storage, std::string("no memory for the clients (") + std::strerror(errno) + ")");
  scoreboard->memory_ = memory;
  auto* at = static_cast<std::byte*>(memory);
  scoreboard->board_ = new (at) Board;
  at += kBoardBytes;
  scoreboard->publishers_ = place<PublisherRow>(at, publishers);
  scoreboard->subscribers_ = place<SubscriberRow>(at, subscribers);
  for (std::size_t i = 0; i < publishers + subscribers + 1; ++i) {
    FELIX_TRY(Waker waker, Waker::create());
    scoreboard->wakers_.push_back(std::move(waker));
  }
  return scoreboard;
}

Scoreboard::~Scoreboard() {
  if (memory_ != nullptr) ::munmap(memory_, memory_bytes_);
}

void Scoreboard::ring_publishers() const {
  for (std::size_t i = 0; i < publishers_.size(); ++i) publisher_waker(i).ring();
}
void Scoreboard::ring_subscribers() const {
  for (std::size_t i = 0; i < subscribers_.size(); ++i) subscriber_waker(i).ring();
}
void Scoreboard::ring_all() const {
  for (const Waker& waker : wakers_) waker.ring();
}

void Scoreboard::add_ready() {
  board_->ready.fetch_add(1);
  if (all_ready()) conductor_waker().ring();
}
bool Scoreboard::all_ready() const {
  return board_->ready.load() >= publishers_.size() + subscribers_.size();
}
void Scoreboard::add_finished() {
  board_->finished.fetch_add(1);
  if (all_finished()) conductor_waker().ring();
}
bool Scoreboard::all_finished() const {
  return board_->finished.load() >= publishers_.size() + subscribers_.size();
}

void Scoreboard::go(const Times& times) {
  board_->times = times;
  board_->go.store(true, std::memory_order_release);
  ring_all();
}
void Scoreboard::abort() {
  if (!board_->aborted.exchange(true)) ring_all();
}

bool Scoreboard::publishers_done() const {
  return std::ranges::all_of(publishers_, [](const PublisherRow& row) { return row.done.load(); });
}
std::uint64_t Scoreboard::submitted() const {
  std::uint64_t sum = 0;
  for (const PublisherRow& row : publishers_) sum += row.submitted.load(std::memory_order_relaxed);
  return sum;
}
std::uint64_t Scoreboard::delivered_to_all() const {
  std::uint64_t least = UINT64_MAX;
  for (const SubscriberRow& row : subscribers_) least = std::min(least, row.accounted.load());
  return least;
}

}  // namespace felix::bench
