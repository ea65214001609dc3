#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "broker/running_broker.h"
#include "client/publisher.h"
#include "client/subscriber.h"

using namespace felix;
using namespace felix::test;
using client::AckMode;
using client::Start;

namespace {

// Takes records until `count` are there, checking that offsets, when known, are contiguous from the first.
std::vector<std::string> take(client::Subscriber& subscriber, std::size_t count, const TestClient& at) {
  std::vector<std::string> all;
  std::optional<Offset> expected;
  while (all.size() < count) {
    auto batch = subscriber.next(at.loop->clock().now() + std::chrono::seconds(10));
    if (!batch) FAIL(to_string(batch.error()) << " after " << all.size() << " of " << count);
    if (batch->base_offset) {
      if (expected) CHECK(*batch->base_offset == *expected);
      expected = *batch->base_offset + batch->records.count();
    }
    for (std::string& text : texts_of(batch->records)) all.push_back(std::move(text));
  }
  return all;
}

}  // namespace

TEST_CASE("a record published through one connection reaches a subscriber on another") {
  RunningBroker broker(GENERATE(1u, 2u, 4u));
  TestClient publisher_client(broker), subscriber_client(broker);
  REQUIRE(publisher_client.session->connect());
  REQUIRE(subscriber_client.session->connect());
  client::Subscriber subscriber(*subscriber_client.session, {.stream = "orders"});
  REQUIRE(subscriber.wait_live());
  client::Publisher publisher(*publisher_client.session, {});
  const auto ack = GENERATE(AckMode::none, AckMode::per_message, AckMode::per_batch);
  const auto outcome =
      publisher.publish_and_wait({.stream = "orders", .records = records({"a", "", "bc"}), .ack = ack});
  REQUIRE(outcome);
  CHECK(take(subscriber, 3, subscriber_client) == std::vector<std::string>{"a", "", "bc"});
}

TEST_CASE("thousands of pipelined batches arrive once, in order, at every subscriber") {
  RunningBroker broker(GENERATE(1u, 2u, 4u));
  TestClient publisher_client(broker);
  REQUIRE(publisher_client.session->connect());
  std::vector<std::unique_ptr<TestClient>> clients;
  std::vector<std::unique_ptr<client::Subscriber>> subscribers;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(std::make_unique<TestClient>(broker));
    REQUIRE(clients.back()->session->connect());
    subscribers.push_back(std::make_unique<client::Subscriber>(*clients.back()->session,
                                                               client::SubscribeOptions{.stream = "s"}));
    REQUIRE(subscribers.back()->wait_live());
  }
  client::Publisher publisher(*publisher_client.session, {});
  std::vector<std::string> sent;
  std::size_t answered = 0;
  for (int i = 0; i < 300; ++i) {
    std::vector<std::string> batch;
    for (int k = 0; k < 10; ++k) batch.push_back(std::to_string(i * 10 + k));
    sent.insert(sent.end(), batch.begin(), batch.end());
    publisher.publish({.stream = "s", .records = records(batch)},
                      [&](auto outcome) { answered += outcome.has_value(); });
  }
  REQUIRE(publisher.flush());
  CHECK(answered == 300);
  for (int i = 0; i < 4; ++i) CHECK(take(*subscribers[i], sent.size(), *clients[i]) == sent);
}

TEST_CASE("earliest reads history, an offset resumes at it, and cursors outside are typed errors") {
  RunningBroker broker(GENERATE(1u, 2u, 4u));
  TestClient at(broker);
  REQUIRE(at.session->connect());
  client::Publisher publisher(*at.session, {});
  std::vector<std::string> sent;
  for (int i = 0; i < 1500; ++i) {
    sent.push_back("r" + std::to_string(i));
    publisher.publish({.stream = "h", .records = records({sent.back()})}, [](auto) {});
  }
  REQUIRE(publisher.flush());
  SECTION("earliest is what the ring keeps") {
    client::Subscriber subscriber(*at.session, {.stream = "h", .start = Start::earliest()});
    CHECK(take(subscriber, 1024, at) == std::vector<std::string>(sent.end() - 1024, sent.end()));
  }
  SECTION("an offset") {
    client::Subscriber subscriber(*at.session, {.stream = "h", .start = Start::from(1490)});
    CHECK(take(subscriber, 10, at) == std::vector<std::string>(sent.end() - 10, sent.end()));
    CHECK(subscriber.next_offset() == Offset{1500});
  }
  SECTION("the tail waits for the next record") {
    client::Subscriber subscriber(*at.session, {.stream = "h", .start = Start::from(1500)});
    REQUIRE(subscriber.wait_live());
    REQUIRE(publisher.publish_and_wait({.stream = "h", .records = records({"next"})}));
    CHECK(take(subscriber, 1, at) == std::vector<std::string>{"next"});
  }
  SECTION("too old") {
    client::Subscriber subscriber(*at.session, {.stream = "h", .start = Start::from(3)});
    CHECK_FALSE(subscriber.wait_live());
    REQUIRE(subscriber.cursor_error());
    CHECK(*subscriber.cursor_error() ==
          wire::SubscribeCursorError{wire::SubscribeCursorError::Reason::too_old, 3, 476});
  }
  SECTION("in the future") {
    client::Subscriber subscriber(*at.session, {.stream = "h", .start = Start::from(1501)});
    CHECK_FALSE(subscriber.wait_live());
    REQUIRE(subscriber.cursor_error());
    CHECK(*subscriber.cursor_error() ==
          wire::SubscribeCursorError{wire::SubscribeCursorError::Reason::in_future, 1501, 1500});
  }
}

TEST_CASE("a blocking reader paces publishers and loses nothing; the others are not delayed", "[L-10]") {
  broker::ServerOptions options;
  options.reactor.subscription.policy = streams::SlowPolicy::block;
  options.reactor.subscription.bounds = {8, 1 << 20};
  RunningBroker broker(GENERATE(1u, 2u, 4u), std::move(options));
  TestClient publisher_client(broker), slow_client(broker);
  auto fast_options = broker.client_options();
  REQUIRE(publisher_client.session->connect());
  REQUIRE(slow_client.session->connect());
  client::Subscriber slow(*slow_client.session, {.stream = "s"});
  REQUIRE(slow.wait_live());
  client::Subscriber fast(*publisher_client.session, {.stream = "s"});
  REQUIRE(fast.wait_live());
  client::Publisher publisher(*publisher_client.session,
                              {.in_flight_bytes = 64u << 20, .in_flight_frames = 4096});
  const std::string body(100 * 1024, 'x');
  std::size_t answered = 0;
  constexpr std::size_t kCount = 200;  // 20 MB: over the windows of a reader that does not read
  for (std::size_t i = 0; i < kCount; ++i)
    publisher.publish({.stream = "s", .records = records({std::to_string(i) + body})},
                      [&](auto o) { answered += o.has_value(); });
  // One does not read: the publisher must be held back.
  std::size_t fast_received = 0;
  publisher_client.loop->run_until(
      [&] {
        while (const auto batch = fast.try_next()) fast_received += batch->records.count();
        return false;
      },
      broker.clock().now() + std::chrono::milliseconds(500));
  CHECK(answered < kCount);
  // What was appended reached the other reader, its outcome withheld or not.
  CHECK(fast_received > answered + 8);
  fast.unsubscribe();
  std::size_t received = 0;
  while (received < kCount) {
    publisher_client.loop->turn(broker.clock().now());
    auto batch = slow.next(broker.clock().now() + std::chrono::milliseconds(1));
    if (!batch) continue;
    for (const Bytes record : batch->records) {
      CHECK(as_text(record).starts_with(std::to_string(received)));
      ++received;
    }
  }
  REQUIRE(publisher.flush(broker.clock().now() + std::chrono::seconds(10)));
  CHECK(answered == kCount);
}

TEST_CASE("a subscriber that does not read drops by policy, and the gap is visible") {
  broker::ServerOptions options;
  options.reactor.subscription.bounds = {8, 64 << 20};
  RunningBroker broker(GENERATE(1u, 2u, 4u), std::move(options));
  TestClient publisher_client(broker), slow_client(broker);
  REQUIRE(publisher_client.session->connect());
  REQUIRE(slow_client.session->connect());
  client::Subscriber slow(*slow_client.session, {.stream = "s"});
  REQUIRE(slow.wait_live());
  client::Publisher publisher(*publisher_client.session, {});
  const std::string body(200 * 1024, 'x');
  for (int i = 0; i < 100; ++i)
    REQUIRE(publisher.publish_and_wait({.stream = "s", .records = records({body})}));
  CHECK(broker.metric("felix_sub_queue_dropped_total") > 0);
}

TEST_CASE("refusals answer one request: every seventh forbidden, the others succeed", "[L-24]") {
  RunningBroker broker(GENERATE(1u, 2u, 4u));
  TestClient at(broker, broker.token({"stream.publish:stream:default/default/allowed"}));
  REQUIRE(at.session->connect());
  client::Publisher publisher(*at.session, {});
  int succeeded = 0, refused = 0;
  for (int i = 0; i < 700; ++i) {
    publisher.publish({.stream = i % 7 == 0 ? "secret" : "allowed", .records = records({"x"})},
                      [&](auto outcome) {
                        if (outcome)
                          ++succeeded;
                        else if (outcome.error().code == Errc::forbidden)
                          ++refused;
                      });
  }
  REQUIRE(publisher.flush());
  CHECK(succeeded == 600);
  CHECK(refused == 100);
}
