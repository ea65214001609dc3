#include "client/subscription_place.h"

#include <catch2/catch_test_macros.hpp>

using namespace felix;
using namespace felix::client;
using Reason = wire::SubscribeCursorError::Reason;

namespace {

EventBatch batch(std::optional<Offset> base) {
  EventBatch events;
  events.base_offset = base;
  events.records = wire::RecordRun::single(as_bytes("r"));
  return events;
}

wire::Subscribed subscribed(std::optional<Offset> start = std::nullopt) {
  return {SubscriptionId{1}, start, std::nullopt, std::nullopt};
}

}  // namespace

TEST_CASE("Gaps are what lies between offsets, less what never was a record") {
  SubscriptionPlace place(Start::from(5), Restart::latest);
  place.on_subscribed(subscribed());
  EventBatch first = batch(7);
  REQUIRE(place.on_batch(first, 0));
  CHECK(first.dropped_before == 2);
  EventBatch second = batch(12);
  REQUIRE(place.on_batch(second, 3));
  CHECK(second.dropped_before == 1);
  CHECK(place.next_offset() == 13);
  EventBatch third = batch(12);
  CHECK_FALSE(place.on_batch(third, 0));
}

TEST_CASE(
    "The first batch of a subscription from the tail has no gap, unless the broker told where it starts") {
  SubscriptionPlace untold(Start::latest(), Restart::latest);
  untold.on_subscribed(subscribed());
  EventBatch first = batch(100);
  REQUIRE(untold.on_batch(first, 0));
  CHECK(first.dropped_before == 0);
  SubscriptionPlace told(Start::latest(), Restart::latest);
  told.on_subscribed(subscribed(98));
  EventBatch late = batch(100);
  REQUIRE(told.on_batch(late, 0));
  CHECK(late.dropped_before == 2);
}

TEST_CASE("Before anything came, a loss asks the same question again") {
  SubscriptionPlace never_accepted(Start::latest(), Restart::stop);
  CHECK(never_accepted.on_lost());
  SubscriptionPlace earliest(Start::earliest(), Restart::stop);
  earliest.on_subscribed(subscribed());
  CHECK(earliest.on_lost());
  CHECK(earliest.start() == Start::earliest());
  // From the tail, records may have passed while we were away.
  SubscriptionPlace latest(Start::latest(), Restart::earliest);
  latest.on_subscribed(subscribed());
  CHECK(latest.on_lost());
  CHECK(latest.start() == Start::earliest());
  EventBatch first = batch(std::nullopt);
  REQUIRE(latest.on_batch(first, 0));
  CHECK(first.loss_unknown_before);
}

TEST_CASE("A place that is no longer kept is left, and the gap is counted") {
  SubscriptionPlace place(Start::earliest(), Restart::earliest);
  place.on_subscribed(subscribed());
  EventBatch first = batch(0);
  REQUIRE(place.on_batch(first, 0));
  REQUIRE(place.on_lost());
  CHECK(place.start() == Start::from(1));
  REQUIRE(place.on_cursor_error({Reason::too_old, 1, 10}));
  CHECK(place.start() == Start::from(10));
  place.on_subscribed(subscribed());
  EventBatch next = batch(10);
  REQUIRE(place.on_batch(next, 0));
  CHECK(next.dropped_before == 9);
}

TEST_CASE("A stream that is shorter than our place began another life") {
  SubscriptionPlace place(Start::earliest(), Restart::earliest);
  place.on_subscribed(subscribed());
  EventBatch first = batch(41);
  REQUIRE(place.on_batch(first, 0));
  REQUIRE(place.on_lost());
  REQUIRE(place.on_cursor_error({Reason::in_future, 42, 3}));
  CHECK(place.start() == Start::earliest());
  EventBatch next = batch(0);
  REQUIRE(place.on_batch(next, 0));
  CHECK(next.loss_unknown_before);
  CHECK(next.dropped_before == 0);
}

TEST_CASE("The caller's own choice of place is the caller's to correct") {
  SubscriptionPlace place(Start::from(3), Restart::earliest);
  CHECK_FALSE(place.on_cursor_error({Reason::too_old, 3, 10}));
}
