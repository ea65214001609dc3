#include "streams/stream.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "storage/ring_log.h"
#include "streams/numbered.h"
#include "streams/subscription.h"
#include "support/seed.h"

using namespace felix;
using namespace felix::streams;
using namespace felix::test;
using wire::Start;

namespace {

using RingStream = Stream<storage::RingLog>;

// A stream at home on reactor 0 with readers on three reactors. What other reactors do to it and learn from
// it travels through mailboxes that the scheduler below empties whenever it likes, in order.
class World {
 public:
  static constexpr std::size_t kReactors = 3;

  struct Reader {
    std::size_t reactor = 0;
    std::optional<Subscription> subscription;  // once the answer to its join has arrived
    Offset next = 0;                           // the offset it must get next
    bool failed = false;
  };

  World() : stream(storage::RingLog({64, 1 << 20}, budget), kReactors) {}

  void append(std::uint32_t count) {
    const Delivery delivery = stream.append(numbered_run(published, count), MonoTime{}, {});
    REQUIRE(delivery.base_offset == published);
    published += count;
    for (std::size_t reactor = 0; reactor < kReactors; ++reactor) {
      if (stream.readers()[reactor] == 0) continue;
      post(reactor, [this, reactor, delivery] { fan_out(reactor, delivery); });
    }
  }

  void join(const Start& start, std::size_t reactor) {
    const auto reader = std::make_shared<Reader>();
    reader->reactor = reactor;
    auto joined = stream.join(start, reactor);
    if (!joined) return;
    post(reactor, [this, reader, answer = *std::move(joined)] {
      reader->next = answer.start_offset;
      reader->subscription.emplace(answer, SubscriptionOptions{SlowPolicy::drop_new, {1'000'000, 1 << 30}});
      readers.push_back(reader);
    });
  }

  void leave(std::size_t index) {
    stream.leave(readers[index]->reactor);
    readers.erase(readers.begin() + static_cast<std::ptrdiff_t>(index));
  }

  void take(Reader& reader, const TakeLimits& limits) {
    EventBatch batch;
    if (!reader.subscription->take(limits, batch)) return;
    for (const Offset offset : offsets_of(batch)) reader.failed = reader.failed || offset != reader.next++;
  }

  void deliver_one(std::size_t reactor) {
    if (mailboxes[reactor].empty()) return;
    mailboxes[reactor].front()();
    mailboxes[reactor].pop_front();
  }

  flow::Budget budget{1 << 30};
  RingStream stream;
  Offset published = 0;
  std::vector<std::shared_ptr<Reader>> readers;
  std::deque<std::function<void()>> mailboxes[kReactors];

 private:
  void post(std::size_t reactor, std::function<void()> call) {
    if (reactor == 0) {
      call();
    } else {
      mailboxes[reactor].push_back(std::move(call));
    }
  }
  void fan_out(std::size_t reactor, const Delivery& delivery) {
    for (const auto& reader : readers)
      if (reader->reactor == reactor) REQUIRE(reader->subscription->offer(delivery).queued);
  }
};

}  // namespace

TEST_CASE("joining takes backlog and live offset at one instant", "[L-16]") {
  flow::Budget budget(1 << 20);
  RingStream stream(storage::RingLog({4, 1 << 20}, budget), 2);
  CHECK(stream.join(Start::earliest(), 0)->backlog.empty());
  for (Offset at = 0; at < 6; ++at) stream.append(numbered_run(at, 1), MonoTime{}, {});
  const auto joined = stream.join(Start::from(3), 1);
  REQUIRE(joined);
  CHECK(joined->start_offset == 3);
  CHECK(joined->live_offset == 6);
  REQUIRE(joined->backlog.size() == 3);
  CHECK(joined->backlog.front().base_offset == 3);
  CHECK(stream.readers()[0] == 1);
  CHECK(stream.readers()[1] == 1);
  CHECK_FALSE(stream.join(Start::from(1), 0));
  CHECK_FALSE(stream.join(Start::from(7), 0));
  CHECK(stream.readers()[0] == 1);
  stream.leave(1);
  CHECK(stream.readers()[1] == 0);
}

TEST_CASE("appending copies a small run out of a large frame, once for the log and all readers") {
  flow::Budget budget(1 << 20);
  RingStream stream(storage::RingLog({4, 1 << 20}, budget), 1);
  const wire::RecordRun large = numbered_run(0, 1000, 64);
  const Delivery small = stream.append(large.sub_run(0, 1), MonoTime{}, {});
  CHECK(small.run.footprint_bytes() < 1024);
  CHECK(number_of(small.run.front()) == 0);
  CHECK(stream.log().bytes() == small.run.footprint_bytes());
  const Delivery whole = stream.append(large, MonoTime{}, {});
  CHECK(whole.run.slice().bytes().data() == large.slice().bytes().data());
}

TEST_CASE("every reader gets exactly the records from its start on, under any interleaving", "[L-01][L-02]") {
  CAPTURE(test::seed());
  std::mt19937_64 random(test::seed());
  const auto below = [&](std::uint64_t bound) { return random() % bound; };
  for (int round = 0; round < 60; ++round) {
    World world;
    for (int step = 0; step < 1500; ++step) {
      const auto action = below(10);
      if (action < 3) {
        world.append(1 + static_cast<std::uint32_t>(below(below(8) == 0 ? 100 : 6)));
      } else if (action < 4 && world.readers.size() < 20) {
        const Start starts[] = {Start::latest(), Start::earliest(), Start::from(below(world.published + 2))};
        world.join(starts[below(3)], below(World::kReactors));
      } else if (action < 7) {
        world.deliver_one(below(World::kReactors));
      } else if (!world.readers.empty()) {
        const std::size_t index = below(world.readers.size());
        if (below(40) == 0) {
          world.leave(index);
        } else {
          world.take(*world.readers[index],
                     {1 + static_cast<std::uint32_t>(below(70)), 12 * (1 + below(80))});
        }
      }
    }
    for (std::size_t reactor = 0; reactor < World::kReactors; ++reactor)
      while (!world.mailboxes[reactor].empty()) world.deliver_one(reactor);
    for (const auto& reader : world.readers) {
      while (reader->subscription->has_pending()) world.take(*reader, {});
      REQUIRE_FALSE(reader->failed);
      REQUIRE(reader->next == world.published);
    }
  }
}
