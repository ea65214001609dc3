#include "client/subscriber.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "client/client_fixture.h"

using namespace felix;
using namespace felix::client;
using client::test::Fixture;
using client::test::Generation;

namespace {

void fill(Fixture& fixture, std::size_t from, std::size_t to, std::size_t padding = 0) {
  for (std::size_t i = from; i < to; ++i)
    fixture.broker.records("s").push_back(std::to_string(i) + std::string(padding, '.'));
}

struct Taken {
  std::vector<std::string> records;
  std::uint64_t dropped = 0;
  std::size_t unknown_losses = 0;
};

// Takes batches until `count` records are here.
void take(Fixture& fixture, Subscriber& subscriber, std::size_t count, Taken& taken) {
  while (taken.records.size() < count) {
    const Result<EventBatch> batch = subscriber.next(fixture.patience());
    REQUIRE(batch);
    taken.dropped += batch->dropped_before;
    if (batch->loss_unknown_before) ++taken.unknown_losses;
    for (const Bytes record : batch->records) taken.records.emplace_back(as_text(record));
  }
}

void check_sequence(const Taken& taken, std::size_t from, std::size_t to) {
  REQUIRE(taken.records.size() == to - from);
  for (std::size_t i = from; i < to; ++i)
    CHECK(taken.records[i - from].substr(0, taken.records[i - from].find('.')) == std::to_string(i));
}

}  // namespace

TEST_CASE(
    "History and live records come in order from every generation of broker, whichever way it says hello") {
  const Generation generation =
      GENERATE(Generation::before_negotiation, Generation::t0, Generation::t1, Generation::ours);
  const bool late_hello = GENERATE(false, true);
  Fixture fixture({.generation = generation, .hello_after_subscribed = late_hello});
  fill(fixture, 0, 95);
  auto session = fixture.session();
  REQUIRE(session->connect());
  Subscriber subscriber(*session, {.stream = "s", .start = Start::earliest()});
  REQUIRE(subscriber.wait_live(fixture.patience()));
  Taken taken;
  take(fixture, subscriber, 95, taken);
  fill(fixture, 95, 200);
  fixture.broker.deliver("s");
  take(fixture, subscriber, 200, taken);
  check_sequence(taken, 0, 200);
  CHECK(taken.dropped == 0);
  CHECK(subscriber.next_offset().has_value() == (generation != Generation::before_negotiation));
}

TEST_CASE("A window smaller than the history holds the broker back, not the records") {
  Fixture fixture;
  fill(fixture, 0, 3000, 100);
  ConnectOptions options = fixture.options();
  options.transport.stream_window_bytes = 8192;
  auto session = fixture.session(options);
  REQUIRE(session->connect());
  Subscriber subscriber(*session, {.stream = "s", .start = Start::earliest()});
  REQUIRE(subscriber.wait_live(fixture.patience()));
  fixture.settle();
  CHECK(fixture.broker.event_bytes_written > 300'000);
  std::size_t waiting = 0;
  Taken taken;
  while (auto batch = subscriber.try_next()) {
    waiting += batch->records.encoded_bytes();
    for (const Bytes record : batch->records) taken.records.emplace_back(as_text(record));
  }
  CHECK(waiting > 0);
  CHECK(waiting <= 8192);
  take(fixture, subscriber, 3000, taken);
  check_sequence(taken, 0, 3000);
}

TEST_CASE("A frame larger than the whole window still arrives") {
  Fixture fixture({.batch = 1});
  fill(fixture, 0, 3, 100'000);
  ConnectOptions options = fixture.options();
  options.transport.stream_window_bytes = 8192;
  auto session = fixture.session(options);
  REQUIRE(session->connect());
  Subscriber subscriber(*session, {.stream = "s", .start = Start::earliest()});
  Taken taken;
  take(fixture, subscriber, 3, taken);
  check_sequence(taken, 0, 3);
}

TEST_CASE("Cursor errors carry their numbers") {
  Fixture fixture({.oldest = 5});
  fill(fixture, 0, 10);
  auto session = fixture.session();
  REQUIRE(session->connect());
  const auto [start, code, available] =
      GENERATE(table<Offset, Errc, Offset>({{3, Errc::too_old, 5}, {11, Errc::in_future, 10}}));
  Subscriber subscriber(*session, {.stream = "s", .start = Start::from(start)});
  const Status live = subscriber.wait_live(fixture.patience());
  REQUIRE_FALSE(live);
  CHECK(live.error().code == code);
  CHECK(subscriber.end() == Subscriber::End::cursor);
  REQUIRE(subscriber.cursor_error());
  CHECK(subscriber.cursor_error()->available == available);
}

TEST_CASE("An unknown stream is refused in the broker's words") {
  Fixture fixture;
  auto session = fixture.session();
  REQUIRE(session->connect());
  Subscriber subscriber(*session, {.stream = "unknown"});
  const Status live = subscriber.wait_live(fixture.patience());
  REQUIRE_FALSE(live);
  CHECK(live.error().code == Errc::not_found);
  CHECK(subscriber.end() == Subscriber::End::refused);
}

TEST_CASE("The broker's end of a subscription comes after its last batch and is no lost connection") {
  Fixture fixture({.end_after_replay = true});
  fill(fixture, 0, 20);
  auto session = fixture.session();
  REQUIRE(session->connect());
  Subscriber subscriber(*session, {.stream = "s", .start = Start::earliest()});
  Taken taken;
  take(fixture, subscriber, 20, taken);
  const auto after = subscriber.next(fixture.patience());
  REQUIRE_FALSE(after);
  CHECK(after.error().code == Errc::unavailable);
  CHECK(subscriber.end() == Subscriber::End::ended_by_broker);
}

TEST_CASE("Unsubscribing stops the broker") {
  Fixture fixture;
  auto session = fixture.session();
  REQUIRE(session->connect());
  const bool by_destruction = GENERATE(false, true);
  auto subscriber = std::make_unique<Subscriber>(*session, SubscribeOptions{.stream = "s"});
  REQUIRE(subscriber->wait_live(fixture.patience()));
  fill(fixture, 0, 10);
  fixture.broker.deliver("s");
  REQUIRE(subscriber->next(fixture.patience()));
  if (by_destruction)
    subscriber.reset();
  else
    subscriber->unsubscribe();
  REQUIRE(fixture.until([&] { return fixture.broker.stopped_subscriptions == 1; }));
}

TEST_CASE("A subscriber that leaves before it is served leaves nothing behind") {
  Fixture fixture;
  auto session = fixture.session();
  REQUIRE(session->connect());
  for (int turns = 0; turns < 8; ++turns) {
    Subscriber subscriber(*session, {.stream = "s"});
    for (int i = 0; i < turns; ++i) fixture.loop->turn(fixture.clock.now());
  }
  fixture.settle();
  CHECK(fixture.broker.stopped_subscriptions == fixture.broker.subscribes);
}

TEST_CASE("After a lost connection a subscription goes on at the next offset, without gap or repetition") {
  Fixture fixture;
  fill(fixture, 0, 50);
  auto session = fixture.session(fixture.impatient());
  REQUIRE(session->connect());
  Subscriber subscriber(*session, {.stream = "s", .start = Start::earliest()});
  Taken taken;
  take(fixture, subscriber, 50, taken);
  fixture.broker.stop();
  fill(fixture, 50, 80);
  fixture.broker.start();
  take(fixture, subscriber, 80, taken);
  check_sequence(taken, 0, 80);
  CHECK(taken.dropped == 0);
  CHECK(taken.unknown_losses == 0);
  CHECK(subscriber.resumptions() == 1);
}

TEST_CASE("Records that left the log while we were away are counted") {
  Fixture fixture;
  fill(fixture, 0, 50);
  auto session = fixture.session(fixture.impatient());
  REQUIRE(session->connect());
  Subscriber subscriber(*session, {.stream = "s", .start = Start::earliest()});
  Taken taken;
  take(fixture, subscriber, 50, taken);
  fixture.broker.stop();
  fill(fixture, 50, 80);
  fixture.broker.options().oldest = 70;
  fixture.broker.start();
  take(fixture, subscriber, 60, taken);
  CHECK(taken.dropped == 20);
  CHECK(taken.records.back() == "79");
}

TEST_CASE("Without offsets a resumed subscription says that nobody knows what was missed") {
  Fixture fixture({.offsets = false});
  auto session = fixture.session(fixture.impatient());
  REQUIRE(session->connect());
  Subscriber subscriber(*session, {.stream = "s", .restart = Restart::latest});
  REQUIRE(subscriber.wait_live(fixture.patience()));
  fill(fixture, 0, 10);
  fixture.broker.deliver("s");
  Taken taken;
  take(fixture, subscriber, 10, taken);
  fixture.broker.stop();
  fill(fixture, 10, 20);
  fixture.broker.start();
  REQUIRE(fixture.until([&] { return subscriber.resumptions() == 1; }));
  fixture.settle();
  fill(fixture, 20, 30);
  fixture.broker.deliver("s");
  take(fixture, subscriber, 20, taken);
  CHECK(taken.records.back() == "29");
  CHECK(taken.unknown_losses == 1);
}

TEST_CASE("A subscription told to stop ends with the lost connection") {
  Fixture fixture({.offsets = false});
  auto session = fixture.session(fixture.impatient());
  REQUIRE(session->connect());
  Subscriber subscriber(*session, {.stream = "s", .restart = Restart::stop});
  REQUIRE(subscriber.wait_live(fixture.patience()));
  fixture.broker.stop();
  fixture.broker.start();
  const auto batch = subscriber.next(fixture.patience());
  REQUIRE_FALSE(batch);
  CHECK(batch.error().code == Errc::connection_lost);
  CHECK(subscriber.end() == Subscriber::End::connection_lost);
}
