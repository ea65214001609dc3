#include "streams/subscription.h"

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "streams/numbered.h"
#include "support/seed.h"

using namespace felix;
using namespace felix::streams;
using namespace felix::test;

namespace {

Subscription live_subscription(SlowPolicy policy, flow::QueueBounds bounds) {
  return Subscription(Joined{}, {policy, bounds});
}

const flow::QueueBounds kWide{1'000'000, std::size_t{1} << 40};

}  // namespace

TEST_CASE("small contiguous deliveries leave as one batch") {
  Subscription subscription = live_subscription(SlowPolicy::drop_new, kWide);
  subscription.offer(numbered_delivery(0, 3));
  subscription.offer(numbered_delivery(3, 1));
  subscription.offer(numbered_delivery(4, 2));
  EventBatch batch;
  REQUIRE(subscription.take({}, batch));
  CHECK(batch.parts.size() == 3);
  CHECK(offsets_of(batch) == range(0, 6));
  CHECK(batch.bytes == 6 * 12);
  CHECK_FALSE(subscription.take({}, batch));
  CHECK(batch.count == 0);
  CHECK(subscription.delivered_records() == 6);
}

TEST_CASE("a larger delivery is cut at record boundaries by count and by bytes") {
  Subscription subscription = live_subscription(SlowPolicy::drop_new, kWide);
  subscription.offer(numbered_delivery(0, 100));
  EventBatch batch;
  REQUIRE(subscription.take({}, batch));
  CHECK(offsets_of(batch) == range(0, 64));
  REQUIRE(subscription.take({64, 120}, batch));
  CHECK(offsets_of(batch) == range(64, 74));
  subscription.offer(numbered_delivery(100, 1));
  REQUIRE(subscription.take({}, batch));
  CHECK(offsets_of(batch) == range(74, 101));
}

TEST_CASE("a record over the byte limit goes alone") {
  Subscription subscription = live_subscription(SlowPolicy::drop_new, kWide);
  subscription.offer(numbered_delivery(0, 1));
  subscription.offer(numbered_delivery(1, 2, 100'000));
  subscription.offer(numbered_delivery(3, 1));
  EventBatch batch;
  for (const auto& [from, to] : std::vector<std::pair<Offset, Offset>>{{0, 1}, {1, 2}, {2, 3}, {3, 4}}) {
    REQUIRE(subscription.take({}, batch));
    CHECK(offsets_of(batch) == range(from, to));
  }
}

TEST_CASE("a batch never spans a gap in the offsets", "[L-05]") {
  Subscription subscription = live_subscription(SlowPolicy::drop_new, kWide);
  subscription.offer(numbered_delivery(0, 2));
  subscription.offer(numbered_delivery(5, 2));
  EventBatch batch;
  REQUIRE(subscription.take({}, batch));
  CHECK(offsets_of(batch) == range(0, 2));
  REQUIRE(subscription.take({}, batch));
  CHECK(offsets_of(batch) == range(5, 7));
}

TEST_CASE("history is lossless whatever the policy; then the live policy applies", "[L-07]") {
  for (const SlowPolicy policy : {SlowPolicy::drop_new, SlowPolicy::drop_old, SlowPolicy::block}) {
    Joined joined{0, 1000, {}};
    for (Offset at = 0; at < 1000; at += 10) joined.backlog.push_back(numbered_delivery(at, 10));
    Subscription subscription(std::move(joined), {policy, {2, 1 << 20}});
    for (Offset at = 1000; at < 1005; ++at) subscription.offer(numbered_delivery(at, 1));
    auto expected = range(0, 1000);
    const std::vector<Offset> live = policy == SlowPolicy::drop_new   ? std::vector<Offset>{1000, 1001}
                                     : policy == SlowPolicy::drop_old ? std::vector<Offset>{1003, 1004}
                                                                      : range(1000, 1005);
    expected.insert(expected.end(), live.begin(), live.end());
    CHECK(drain(subscription) == expected);
  }
}

TEST_CASE("drop_new refuses what is offered and drop_old gives up the oldest untaken") {
  Subscription keeps_old = live_subscription(SlowPolicy::drop_new, {2, 1 << 20});
  Subscription keeps_new = live_subscription(SlowPolicy::drop_old, {2, 1 << 20});
  for (Subscription* subscription : {&keeps_old, &keeps_new}) {
    subscription->offer(numbered_delivery(0, 4));
    subscription->offer(numbered_delivery(4, 1));
    EventBatch batch;
    REQUIRE(subscription->take({1, 1 << 20}, batch));  // the first delivery is being written now
    CHECK(subscription->offer(numbered_delivery(5, 1)).queued);
    CHECK_FALSE(subscription->lagged_at());
  }
  const Offered refused = keeps_old.offer(numbered_delivery(6, 3));
  CHECK_FALSE(refused.queued);
  CHECK(refused.dropped == 3);
  CHECK(keeps_old.lagged_at() == 6);
  CHECK(drain(keeps_old) == range(1, 6));

  const Offered accepted = keeps_new.offer(numbered_delivery(6, 3));
  CHECK(accepted.queued);
  CHECK(accepted.dropped == 1);
  CHECK(keeps_new.lagged_at() == 4);
  CHECK(drain(keeps_new) == std::vector<Offset>{1, 2, 3, 5, 6, 7, 8});
  keeps_new.clear_lag();
  CHECK_FALSE(keeps_new.lagged_at());
}

TEST_CASE("the byte bound counts the memory kept alive and lets one larger delivery go alone", "[L-11]") {
  Subscription subscription = live_subscription(SlowPolicy::drop_new, {1000, 100'000});
  CHECK(subscription.offer(numbered_delivery(0, 1, 200'000)).queued);
  CHECK_FALSE(subscription.offer(numbered_delivery(1, 1)).queued);
  CHECK(drain(subscription) == range(0, 1));
  CHECK(subscription.offer(numbered_delivery(2, 1, 60'000)).queued);
  CHECK_FALSE(subscription.offer(numbered_delivery(3, 1, 60'000)).queued);
  // A record of a large frame costs the frame.
  CHECK_FALSE(subscription.offer({4, numbered_run(4, 1000, 50).sub_run(0, 1), {}, MonoTime{}}).queued);
  CHECK(subscription.offer(numbered_delivery(5, 1)).queued);
}

TEST_CASE("block accepts everything, says so, and tells once when the queue is half empty") {
  Subscription subscription = live_subscription(SlowPolicy::block, {4, 1 << 20});
  for (Offset at = 0; at < 4; ++at) CHECK(subscription.offer(numbered_delivery(at, 1)).queued);
  CHECK_FALSE(subscription.blocking());
  CHECK(subscription.offer(numbered_delivery(4, 1)).queued);
  CHECK(subscription.blocking());
  EventBatch batch;
  REQUIRE(subscription.take({2, 1 << 20}, batch));
  CHECK(subscription.blocking());
  CHECK_FALSE(subscription.take_unblocked());
  REQUIRE(subscription.take({1, 1 << 20}, batch));
  CHECK_FALSE(subscription.blocking());
  CHECK(subscription.take_unblocked());
  CHECK_FALSE(subscription.take_unblocked());
  CHECK(subscription.dropped_records() == 0);
}

TEST_CASE("the end comes after everything queued before it, at any moment", "[L-08]") {
  CAPTURE(test::seed());
  std::mt19937_64 random(test::seed());
  for (int round = 0; round < 1000; ++round) {
    Joined joined{0, random() % 50, {}};
    if (joined.live_offset > 0)
      joined.backlog.push_back(numbered_delivery(0, static_cast<std::uint32_t>(joined.live_offset)));
    Offset published = joined.live_offset;
    Subscription subscription(std::move(joined), {SlowPolicy::drop_new, kWide});
    std::vector<Offset> got;
    EventBatch batch;
    const std::uint64_t end_at = random() % 40;
    for (std::uint64_t step = 0; step < 40; ++step) {
      if (step == end_at) subscription.end({Errc::draining, "shutting down"});
      if (random() % 2 == 0) {
        const auto count = static_cast<std::uint32_t>(1 + random() % 90);
        const Offered offered = subscription.offer(numbered_delivery(published, count));
        REQUIRE(offered.queued == (step < end_at));
        REQUIRE(offered.dropped == 0);
        if (offered.queued) published += count;
      } else if (subscription.take({}, batch)) {
        for (const Offset offset : offsets_of(batch)) got.push_back(offset);
      }
      REQUIRE((subscription.ended() != nullptr) == (step >= end_at && !subscription.has_pending()));
    }
    for (const Offset offset : drain(subscription)) got.push_back(offset);
    REQUIRE(got == range(0, published));
    REQUIRE(subscription.ended()->code == Errc::draining);
  }
}

TEST_CASE("delivered and dropped records add up to the published ones, in order, within the bounds") {
  CAPTURE(test::seed());
  std::mt19937_64 random(test::seed());
  for (int round = 0; round < 400; ++round) {
    const SlowPolicy policy = random() % 2 == 0 ? SlowPolicy::drop_new : SlowPolicy::drop_old;
    const flow::QueueBounds bounds{1 + random() % 20, 1000 + random() % 20'000};
    Subscription subscription = live_subscription(policy, bounds);
    Offset published = 0;
    std::vector<Offset> got;
    std::optional<Offset> first_dropped;
    EventBatch batch;
    for (int step = 0; step < 300; ++step) {
      if (random() % 3 != 0) {
        const auto count = static_cast<std::uint32_t>(1 + random() % 30);
        const Offset oldest_unknown = published;
        const Offered offered = subscription.offer(numbered_delivery(published, count, 8 + random() % 300));
        published += count;
        // The newest delivery always stays under drop_old.
        REQUIRE((policy != SlowPolicy::drop_old || offered.queued));
        if (offered.dropped > 0 && !first_dropped && policy == SlowPolicy::drop_new)
          first_dropped = oldest_unknown;
        REQUIRE(subscription.lagged_at().has_value() == (subscription.dropped_records() > 0));
        REQUIRE(subscription.queued_items() <= bounds.items);
        REQUIRE((subscription.queued_bytes() <= bounds.bytes || subscription.queued_items() == 1));
      } else if (subscription.take({1 + static_cast<std::uint32_t>(random() % 64), 64 + random() % 3000},
                                   batch)) {
        for (const Offset offset : offsets_of(batch)) got.push_back(offset);
      }
    }
    for (const Offset offset : drain(subscription)) got.push_back(offset);
    REQUIRE(got.size() == subscription.delivered_records());
    REQUIRE(subscription.delivered_records() + subscription.dropped_records() == published);
    REQUIRE(std::adjacent_find(got.begin(), got.end(), std::greater_equal<>()) == got.end());
    if (first_dropped) REQUIRE(subscription.lagged_at() == first_dropped);
    if (subscription.lagged_at())
      REQUIRE_FALSE(std::binary_search(got.begin(), got.end(), *subscription.lagged_at()));
    // Everything below the first drop arrived.
    const Offset complete = subscription.lagged_at().value_or(published);
    REQUIRE(std::equal(got.begin(), std::lower_bound(got.begin(), got.end(), complete),
                       range(0, complete).begin()));
  }
}

TEST_CASE("what is over a lowered byte bound is shed by the policy, loudly, and block sheds nothing",
          "[L-11]") {
  const std::size_t each = numbered_delivery(0, 1, 10'000).run.footprint_bytes();
  for (const SlowPolicy policy : {SlowPolicy::drop_new, SlowPolicy::drop_old, SlowPolicy::block}) {
    Subscription subscription = live_subscription(policy, kWide);
    for (Offset at = 0; at < 10; ++at) subscription.offer(numbered_delivery(at, 1, 10'000));
    subscription.set_byte_bound(3 * each);
    CHECK(subscription.queued_items() == 10);
    CHECK(subscription.blocking() == (policy == SlowPolicy::block));
    const Offered shed = subscription.shed();
    EventBatch batch;
    if (policy == SlowPolicy::block) {
      CHECK(shed.dropped == 0);
      CHECK(subscription.queued_items() == 10);
      continue;
    }
    CHECK(shed.dropped == 7);
    CHECK(subscription.held_bytes() == 3 * each);
    CHECK(subscription.lagged_at() == (policy == SlowPolicy::drop_new ? Offset{3} : Offset{0}));
    REQUIRE(subscription.take({}, batch));
    CHECK(batch.base_offset == (policy == SlowPolicy::drop_new ? Offset{0} : Offset{7}));
    CHECK_FALSE(subscription.offer(numbered_delivery(10, 4, 10'000)).dropped > 4);
    subscription.set_byte_bound(SIZE_MAX);
    CHECK(subscription.offer(numbered_delivery(20, 1, 10'000)).queued);
  }
}

TEST_CASE("history and the rest of a delivery give way only by shedding", "[L-11]") {
  Joined joined;
  joined.live_offset = 4;
  for (Offset at = 0; at < 4; ++at) joined.backlog.push_back(numbered_delivery(at, 1, 10'000));
  const std::size_t each = joined.backlog.front().run.footprint_bytes();
  Subscription subscription(std::move(joined), {SlowPolicy::drop_new, kWide});
  CHECK(subscription.held_bytes() == 4 * each);
  subscription.set_byte_bound(2 * each);
  CHECK(subscription.held_bytes() == 4 * each);
  CHECK(subscription.shed().dropped == 2);
  CHECK(subscription.lagged_at() == Offset{2});
  CHECK(subscription.held_bytes() == 2 * each);
  EventBatch batch;
  REQUIRE(subscription.take({}, batch));
  CHECK(offsets_of(batch) == range(0, 2));
}
