#include "client/publisher.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "client/client_fixture.h"
#include "support/seed.h"

using namespace felix;
using namespace felix::client;
using client::test::Fixture;
using client::test::Generation;
using client::test::ModelOptions;
using client::test::run_of;

namespace {

struct Tally {
  std::size_t done = 0;
  std::map<Errc, std::size_t> failed;
  std::vector<std::optional<Offset>> offsets;
  PublishCallback callback(std::size_t index) {
    if (offsets.size() <= index) offsets.resize(index + 1);
    return [this, index](Result<PublishOutcome> outcome) {
      if (outcome) {
        ++done;
        offsets[index] = outcome->offset;
      } else {
        ++failed[outcome.error().code];
      }
    };
  }
};

PublishRequest request(std::string record, AckMode ack = AckMode::per_batch) {
  PublishRequest publish;
  publish.stream = "s";
  publish.records = run_of({std::move(record)});
  publish.ack = ack;
  return publish;
}

}  // namespace

TEST_CASE("Acked publishes reach every generation of broker in order, binary where it was advertised") {
  const Generation generation =
      GENERATE(Generation::before_negotiation, Generation::t0, Generation::t1, Generation::ours);
  Fixture fixture({.generation = generation});
  auto session = fixture.session();
  REQUIRE(session->connect());
  Publisher publisher(*session, {});
  Tally tally;
  for (std::size_t i = 0; i < 100; ++i) publisher.publish(request(std::to_string(i)), tally.callback(i));
  REQUIRE(publisher.flush(fixture.patience()));
  CHECK(tally.done == 100);
  REQUIRE(fixture.broker.records("s").size() == 100);
  for (std::size_t i = 0; i < 100; ++i) CHECK(fixture.broker.records("s")[i] == std::to_string(i));
  CHECK(fixture.broker.json_publishes == (generation == Generation::before_negotiation ? 100 : 0));
}

TEST_CASE("A key is sent in binary where the broker knows keys and in JSON otherwise") {
  const Generation generation = GENERATE(Generation::t0, Generation::t1);
  Fixture fixture({.generation = generation});
  auto session = fixture.session();
  REQUIRE(session->connect());
  Publisher publisher(*session, {});
  PublishRequest keyed = request("r");
  keyed.key.emplace();
  REQUIRE(publisher.publish_and_wait(std::move(keyed)));
  CHECK(fixture.broker.keyed_publishes == 1);
  CHECK(fixture.broker.json_publishes == (generation == Generation::t0 ? 1 : 0));
}

TEST_CASE("Acks in any order each end the request they name", "[L-25]") {
  const std::uint64_t seed = felix::test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  Fixture fixture({.hold_answers = true});
  auto session = fixture.session();
  REQUIRE(session->connect());
  Publisher publisher(*session, {});
  Tally tally;
  for (std::size_t i = 0; i < 200; ++i) publisher.publish(request(std::to_string(i)), tally.callback(i));
  REQUIRE(fixture.until([&] { return fixture.broker.held() == 200; }));
  fixture.broker.release(random);
  REQUIRE(publisher.flush(fixture.patience()));
  CHECK(tally.done == 200);
  for (std::size_t i = 0; i < 200; ++i) CHECK(tally.offsets[i] == i);
}

TEST_CASE("Of a thousand publishes every seventh is refused, and the others succeed", "[L-24]") {
  const Generation generation = GENERATE(Generation::before_negotiation, Generation::t0, Generation::ours);
  Fixture fixture({.generation = generation, .refuse_every = 7});
  auto session = fixture.session();
  REQUIRE(session->connect());
  Publisher publisher(*session, {});
  Tally tally;
  for (std::size_t i = 0; i < 1000; ++i) publisher.publish(request(std::to_string(i)), tally.callback(i));
  REQUIRE(publisher.flush(fixture.patience()));
  CHECK(tally.done == 858);
  CHECK(tally.failed == std::map<Errc, std::size_t>{{Errc::forbidden, 142}});
}

TEST_CASE("A broker that ends the channel with each refusal costs a new channel, not the later publishes") {
  Fixture fixture({.generation = Generation::t0, .refuse_every = 5, .end_channel_on_refusal = true});
  auto session = fixture.session();
  REQUIRE(session->connect());
  Publisher publisher(*session, {.in_flight_frames = 1});
  Tally tally;
  for (std::size_t i = 0; i < 50; ++i) publisher.publish(request(std::to_string(i)), tally.callback(i));
  REQUIRE(publisher.flush(fixture.patience()));
  CHECK(tally.done == 40);
  CHECK(tally.failed == std::map<Errc, std::size_t>{{Errc::forbidden, 10}});
  CHECK(fixture.broker.auths >= 10);
  CHECK(session->connection_count() == 1);
}

TEST_CASE("A publish larger than the in-flight budget goes alone and in its place", "[L-33]") {
  Fixture fixture;
  auto session = fixture.session();
  REQUIRE(session->connect());
  Publisher publisher(*session, {.in_flight_bytes = 4096, .in_flight_frames = 8});
  Tally tally;
  const std::string large(1u << 20, 'x');
  for (std::size_t i = 0; i < 21; ++i)
    publisher.publish(request(i == 10 ? large : std::to_string(i)), tally.callback(i));
  CHECK_FALSE(publisher.wants_more());
  REQUIRE(publisher.flush(fixture.patience()));
  CHECK(tally.done == 21);
  CHECK(fixture.broker.max_unanswered <= 8);
  REQUIRE(fixture.broker.records("s").size() == 21);
  CHECK(fixture.broker.records("s")[10] == large);
  CHECK(fixture.broker.records("s")[20] == "20");
}

TEST_CASE("No more acked publishes are under way than the broker granted, and the others are not counted") {
  Fixture fixture({.hold_answers = true, .publish_window = 3});
  auto session = fixture.session();
  REQUIRE(session->connect());
  Publisher publisher(*session, {.in_flight_frames = 8});
  for (std::size_t i = 0; i < 10; ++i) publisher.publish(request(std::to_string(i)), nullptr);
  REQUIRE(fixture.until([&] { return fixture.broker.held() == 3; }));
  Publisher silent(*session, {.in_flight_frames = 8});
  PublishRequest unacked = request("unacked");
  unacked.ack = client::AckMode::none;
  for (std::size_t i = 0; i < 20; ++i) silent.publish(unacked, nullptr);
  REQUIRE(fixture.until([&] { return silent.pending() == 0; }));
  CHECK(fixture.broker.held() == 3);
  CHECK(fixture.broker.max_unanswered == 3);
  fixture.broker.options().hold_answers = false;
  std::mt19937_64 random(felix::test::seed());
  fixture.broker.release(random);
  REQUIRE(publisher.flush(fixture.patience()));
  CHECK(fixture.broker.records("s").size() == 30);
}

TEST_CASE("A broker that keeps order and grants no window is bounded by the client's own limit") {
  Fixture fixture({.hold_answers = true});
  auto session = fixture.session();
  REQUIRE(session->connect());
  Publisher publisher(*session, {.in_flight_frames = 8});
  for (std::size_t i = 0; i < 10; ++i) publisher.publish(request(std::to_string(i)), nullptr);
  REQUIRE(fixture.until([&] { return fixture.broker.held() == 8; }));
}

TEST_CASE("Room is told once the budget has it again") {
  Fixture fixture;
  auto session = fixture.session();
  REQUIRE(session->connect());
  Publisher publisher(*session, {.in_flight_frames = 4});
  std::size_t sent = 0;
  const auto fill = [&] {
    while (sent < 100 && publisher.wants_more()) {
      publisher.publish(request(std::to_string(sent)), nullptr);
      ++sent;
    }
  };
  publisher.set_on_room(fill);
  fill();
  CHECK(sent == 4);
  REQUIRE(fixture.until([&] { return sent == 100 && publisher.pending() == 0; }));
  CHECK(fixture.broker.records("s").size() == 100);
}

TEST_CASE(
    "A lost connection makes unanswered publishes unknown, repeats none, and sends those that had not left",
    "[L-34]") {
  Fixture fixture({.hold_answers = true});
  auto session = fixture.session(fixture.impatient());
  REQUIRE(session->connect());
  Publisher publisher(*session, {.in_flight_frames = 10});
  Tally tally;
  for (std::size_t i = 0; i < 30; ++i) publisher.publish(request(std::to_string(i)), tally.callback(i));
  REQUIRE(fixture.until([&] { return fixture.broker.held() == 10; }));
  fixture.broker.stop();
  fixture.broker.options().hold_answers = false;
  fixture.broker.start();
  REQUIRE(publisher.flush(fixture.patience()));
  CHECK(tally.failed == std::map<Errc, std::size_t>{{Errc::outcome_unknown, 10}});
  CHECK(tally.done == 20);
  CHECK(fixture.broker.publishes == 30);
  CHECK(session->connection_count() == 2);
}

TEST_CASE("Without an ack a publish is done when the broker's host has it") {
  const bool one_way = GENERATE(false, true);
  Fixture fixture;
  auto session = fixture.session();
  REQUIRE(session->connect());
  Publisher publisher(*session, {.one_way = one_way});
  Tally tally;
  for (std::size_t i = 0; i < 50; ++i)
    publisher.publish(request(std::to_string(i), AckMode::none), tally.callback(i));
  REQUIRE(publisher.flush(fixture.patience()));
  CHECK(tally.done == 50);
  REQUIRE(fixture.until([&] { return fixture.broker.records("s").size() == 50; }));
}

TEST_CASE("A publish that cannot be framed is refused alone, and later ones pass") {
  ConnectOptions options;
  Fixture fixture;
  options = fixture.options();
  options.max_payload_bytes = 1000;
  auto session = fixture.session(options);
  REQUIRE(session->connect());
  Publisher publisher(*session, {});
  const auto too_large = publisher.publish_and_wait(request(std::string(2000, 'x')));
  REQUIRE_FALSE(too_large);
  CHECK(too_large.error().code == Errc::too_large);
  CHECK(publisher.publish_and_wait(request("small")));
}

TEST_CASE("A publish that never left in its time is timed out, not unknown") {
  Fixture fixture;
  ConnectOptions options = fixture.options();
  options.request_timeout = std::chrono::milliseconds(20);
  auto session = fixture.session(options);
  Publisher publisher(*session, {});
  const auto outcome = publisher.publish_and_wait(request("r"));  // nobody started the session
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == Errc::timed_out);
}

TEST_CASE("A publish whose answer does not come in time is unknown, and its late answer is ignored",
          "[L-34]") {
  std::mt19937_64 random(1);
  Fixture fixture({.hold_answers = true});
  ConnectOptions options = fixture.options();
  options.request_timeout = std::chrono::milliseconds(50);
  auto session = fixture.session(options);
  REQUIRE(session->connect());
  Publisher publisher(*session, {});
  const auto outcome = publisher.publish_and_wait(request("r"));
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == Errc::outcome_unknown);
  REQUIRE(fixture.until([&] { return fixture.broker.held() == 1; }));
  fixture.broker.release(random);
  fixture.broker.options().hold_answers = false;
  CHECK(publisher.publish_and_wait(request("next")));
  CHECK(session->connection_count() == 1);
}
