#include "client/event_channel.h"

#include <catch2/catch_test_macros.hpp>

#include "client/event_router.h"
#include "support/recording_port.h"
#include "wire/json_codec.h"

using namespace felix;
using namespace felix::client;
using felix::test::RecordingPort;

namespace {

std::vector<std::byte> hello(std::uint64_t id) {
  std::vector<std::byte> out;
  wire::append_frame(out, wire::EventStreamHello{SubscriptionId{id}});
  return out;
}

std::vector<std::byte> batch(std::optional<std::uint64_t> id, std::optional<Offset> base,
                             std::string_view record, std::optional<std::uint64_t> skipped = std::nullopt) {
  wire::EventBatch events;
  if (id) events.subscription_id = SubscriptionId{*id};
  events.base_offset = base;
  events.skipped_before = skipped;
  events.records = wire::RecordRun::single(as_bytes(record));
  std::vector<std::byte> out;
  wire::append_event_batch(out, events);
  return out;
}

struct Scene {
  Scene() {
    channel = std::make_shared<EventChannel>(
        1u << 20, [this](const std::shared_ptr<EventChannel>&, SubscriptionId id) { greeted = id; });
    channel->attach(port);
  }
  void adopt() {
    EventChannelEvents events;
    events.on_batch = [this](ReceivedBatch received) { batches.push_back(std::move(received)); };
    events.on_ended = [this](std::optional<Error> error) {
      ++ends;
      end_error = std::move(error);
    };
    channel->adopt(std::move(events));
  }
  void feed(Bytes bytes) {
    channel->on_bytes(bytes);
    channel->on_readable(false, false);
    fed += bytes.size();
  }

  RecordingPort port;
  std::shared_ptr<EventChannel> channel;
  std::optional<SubscriptionId> greeted;
  std::vector<ReceivedBatch> batches;
  int ends = 0;
  std::optional<Error> end_error;
  std::size_t fed = 0;
};

}  // namespace

TEST_CASE("Every form of event batch is read, cut at any byte") {
  std::vector<std::byte> bytes = hello(3);
  for (const auto& frame : {batch(3, std::nullopt, "a"), batch(std::nullopt, std::nullopt, "b"),
                            batch(3, 10, "c"), batch(std::nullopt, 12, "d", 1), batch(99, 1, "not ours")})
    bytes.insert(bytes.end(), frame.begin(), frame.end());
  wire::Event event;
  event.batch = true;
  event.records = wire::RecordRun::single(as_bytes("e"));
  event.offset = 13;
  wire::append_frame(bytes, event);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    Scene scene;
    scene.feed(Bytes(bytes).first(cut));
    scene.adopt();
    scene.feed(Bytes(bytes).subspan(cut));
    REQUIRE(scene.greeted == SubscriptionId{3});
    REQUIRE(scene.batches.size() == 5);
    std::string records;
    for (const auto& received : scene.batches) records += as_text(received.records.front());
    CHECK(records == "abcde");
    CHECK(scene.batches[3].base_offset == 12);
    CHECK(scene.batches[3].skipped_before == 1);
    CHECK(scene.batches[4].base_offset == 13);
  }
}

TEST_CASE("Bytes go back to the window when the consumer took them, and not before") {
  Scene scene;
  scene.feed(hello(1));
  scene.adopt();
  CHECK(scene.port.consumed_bytes() == scene.fed);
  const auto frame = batch(std::nullopt, std::nullopt, "record");
  for (int i = 0; i < 3; ++i) scene.feed(frame);
  CHECK(scene.port.consumed_bytes() == scene.fed - 3 * frame.size());
  scene.feed(Bytes(frame).first(5));  // the beginning of a fourth
  scene.channel->give_back(scene.batches[0].frame_bytes);
  CHECK(scene.port.consumed_bytes() == scene.fed - 5 - 2 * frame.size());
  scene.channel->give_back(frame.size());
  scene.channel->give_back(frame.size());
  CHECK(scene.port.consumed_bytes() == scene.fed);  // nothing waits: the frame in progress may come whole
  scene.feed(Bytes(frame).subspan(5));
  CHECK(scene.port.consumed_bytes() == scene.fed - (frame.size() - 5));
  scene.channel->give_back(frame.size());
  CHECK(scene.port.consumed_bytes() == scene.fed);
}

TEST_CASE("Events before anybody adopted the channel stay in the window") {
  Scene scene;
  const auto greeting = hello(1);
  scene.feed(greeting);
  scene.feed(batch(std::nullopt, std::nullopt, "record"));
  CHECK(scene.port.consumed_bytes() == greeting.size());
  scene.adopt();
  CHECK(scene.batches.size() == 1);
}

TEST_CASE("A channel that does not begin with a hello is dropped in silence") {
  Scene scene;
  scene.feed(batch(std::nullopt, std::nullopt, "record"));
  CHECK(scene.port.reading_stopped());
  CHECK_FALSE(scene.greeted);
}

TEST_CASE("The ways a channel ends are told apart") {
  const auto frame = batch(std::nullopt, std::nullopt, "record");
  SECTION("FIN at a boundary is the broker's end") {
    Scene scene;
    scene.feed(hello(1));
    scene.adopt();
    scene.channel->on_bytes(frame);
    scene.channel->on_readable(true, false);
    CHECK(scene.batches.size() == 1);
    CHECK(scene.ends == 1);
    CHECK_FALSE(scene.end_error);
  }
  SECTION("FIN inside a payload is an error") {
    Scene scene;
    scene.feed(hello(1));
    scene.adopt();
    scene.channel->on_bytes(Bytes(frame).first(frame.size() - 1));
    scene.channel->on_readable(true, false);
    REQUIRE(scene.end_error);
    CHECK(scene.end_error->code == Errc::malformed);
  }
  SECTION("a reset is the broker's, and one code says that the token is not good any more") {
    Scene abandoned;
    abandoned.feed(hello(1));
    abandoned.adopt();
    abandoned.channel->on_readable(false, true);
    REQUIRE(abandoned.end_error);
    CHECK(abandoned.end_error->code == Errc::unavailable);
    Scene sent_away;
    sent_away.feed(hello(1));
    sent_away.adopt();
    sent_away.channel->on_readable(false, true, 1);
    REQUIRE(sent_away.end_error);
    CHECK(sent_away.end_error->code == Errc::unauthenticated);
  }
  SECTION("an unknown flag is an error") {
    Scene scene;
    scene.feed(hello(1));
    scene.adopt();
    auto spoiled = frame;
    spoiled[6] = std::byte{0x80};
    scene.feed(spoiled);
    REQUIRE(scene.end_error);
    CHECK(scene.end_error->code == Errc::unsupported);
    CHECK(scene.port.reading_stopped());
  }
  SECTION("a lost connection delivers the whole frames first") {
    Scene scene;
    scene.feed(hello(1));
    scene.adopt();
    scene.channel->on_bytes(frame);
    scene.channel->on_lost(Error{Errc::connection_lost, "gone"});
    CHECK(scene.batches.size() == 1);
    REQUIRE(scene.end_error);
    CHECK(scene.end_error->code == Errc::connection_lost);
  }
  SECTION("our own stop says nothing") {
    Scene scene;
    scene.feed(hello(1));
    scene.adopt();
    scene.channel->stop();
    scene.channel->on_lost(Error{Errc::connection_lost, "gone"});
    CHECK(scene.ends == 0);
    CHECK(scene.port.reading_stopped());
  }
}

TEST_CASE("The router joins channel and subscription whichever comes first, and drops what nobody wants") {
  EventRouter router;
  std::vector<std::unique_ptr<RecordingPort>> ports;
  const auto open = [&](std::uint64_t id) {
    auto channel =
        std::make_shared<EventChannel>(1000, [&](const std::shared_ptr<EventChannel>& begun,
                                                 SubscriptionId named) { router.on_hello(begun, named); });
    ports.push_back(std::make_unique<RecordingPort>());
    channel->attach(*ports.back());
    channel->on_bytes(hello(id));
    channel->on_readable(false, false);
    return channel;
  };
  int adopted = 0;
  const auto adopt = [&](const std::shared_ptr<EventChannel>&) { ++adopted; };

  router.begin_request();
  const auto first = open(1);
  CHECK(router.unclaimed() == 1);
  router.expect(SubscriptionId{1}, adopt);
  CHECK(adopted == 1);
  router.expect(SubscriptionId{2}, adopt);
  const auto second = open(2);
  CHECK(adopted == 2);
  const auto stray = open(3);
  CHECK_FALSE(ports.back()->reading_stopped());
  router.end_request();
  CHECK(ports.back()->reading_stopped());
  const auto unasked = open(4);
  CHECK(ports.back()->reading_stopped());
  CHECK(adopted == 2);

  router.begin_request();
  std::vector<std::shared_ptr<EventChannel>> many;
  for (std::uint64_t id = 10; id < 10 + EventRouter::kMaxUnclaimed; ++id) many.push_back(open(id));
  CHECK_FALSE(ports.back()->reading_stopped());
  many.push_back(open(9));
  CHECK(ports.back()->reading_stopped());
}
