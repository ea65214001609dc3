// Subscribing as the wire allows it (wire protocol sections 7.4, 8.2 and 12).

#include <set>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "broker/raw_client.h"

using namespace felix;
using namespace felix::test;

namespace {

transport::TransportConfig few_streams(std::uint64_t uni) {
  transport::TransportConfig config;
  config.max_uni_streams = uni;
  return config;
}

std::string subscribed(std::uint64_t id) {
  return R"({"type":"subscribed","subscription_id":)" + std::to_string(id) + "}";
}
std::string hello(std::uint64_t id) {
  return R"({"type":"event_stream_hello","subscription_id":)" + std::to_string(id) + "}";
}

// Subscribes on a stream of its own; the event channel, its hello taken.
RawChannel& subscribe_to(RawClient& client, std::string_view stream, std::string_view more = "",
                         std::string_view auth_more = R"(,"client_flags":63)") {
  RawChannel& channel = client.open_authenticated(auth_more);
  channel.write(subscribe(stream, more));
  channel.finish();
  const std::string answer = channel.next().text;
  INFO(answer);
  REQUIRE(answer.starts_with(R"({"type":"subscribed")"));
  CHECK(channel.rest().empty());
  RawChannel& events = client.event_channel();
  CHECK(events.next().text.starts_with(R"({"type":"event_stream_hello")"));
  return events;
}

void publish(RawChannel& channel, std::string_view stream, const std::vector<std::string>& payloads) {
  channel.write(acked(1, stream, payloads));
  REQUIRE(ack_of(channel.next()).status == 0);
}

}  // namespace

TEST_CASE("a subscribe is served with and without a FIN behind it, and is the last of its stream") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  RawChannel& channel = client.open_authenticated();
  channel.write(acked(1, "s", {"x"}) + subscribe("s", R"(,"subscription_id":4)") +
                subscribe("s", R"(,"subscription_id":5)") + acked(2, "s", {"x"}));
  CHECK(ack_of(channel.next()).request_id == 1);
  CHECK(channel.next().text == subscribed(4));
  CHECK(channel.rest().empty());
  CHECK(client.event_channel().next().text == hello(4));
  CHECK_FALSE(client.within(std::chrono::milliseconds(50), [&] { return client.has_event_channel(); }));
  CHECK(broker.metric("felix_sub_connection_subscribers") == 1);
  CHECK(broker.metric("felix_published_records_total") == 1);
  RawChannel& empty = client.open_authenticated();
  empty.finish();
  CHECK(empty.rest().empty());
}

TEST_CASE("ids of the broker's choice are unique, and those of clients may collide", "[L-14]") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient one(broker), two(broker);
  RawChannel& to_one = subscribe_to(one, "first", R"(,"subscription_id":1)");
  RawChannel& to_two = subscribe_to(two, "second", R"(,"subscription_id":1)");
  RawChannel& again = subscribe_to(one, "second", R"(,"subscription_id":1)");
  RawChannel& publisher = one.open_authenticated();
  publish(publisher, "first", {"for one"});
  publish(publisher, "second", {"for two"});
  CHECK(events_of(to_one.next()).records == std::vector<std::string>{"for one"});
  CHECK(events_of(to_two.next()).records == std::vector<std::string>{"for two"});
  CHECK(events_of(again.next()).records == std::vector<std::string>{"for two"});
  CHECK(to_one.waiting() + to_two.waiting() + again.waiting() == 0);
  std::set<std::string> chosen;
  for (RawClient* client : {&one, &one, &two, &two}) {
    RawChannel& channel = client->open_authenticated();
    channel.write(subscribe("first"));
    chosen.insert(channel.next().text);
    client->event_channel().next();
  }
  CHECK(chosen.size() == 4);
}

TEST_CASE("events have the form the reader offered to read") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  RawChannel& publisher = client.open_authenticated();
  publish(publisher, "s", {"before"});
  const auto read = [&](unsigned flags) {
    const std::string id = R"(,"subscription_id":9)";
    const std::string offer = flags == 0xFFFF ? "" : R"(,"client_flags":)" + std::to_string(flags);
    RawChannel& events = subscribe_to(client, "s", id, offer);
    publish(publisher, "s", {"a", ""});
    return events.next();
  };
  SECTION("shared, with offsets") {
    const RawFrame event = read(63);
    CHECK(event.flags == 0x0024);
    CHECK(events_of(event).base_offset == 1u);
    CHECK(events_of(event).records == std::vector<std::string>{"a", ""});
  }
  SECTION("shared, without") {
    CHECK(read(0x001F).flags == 0x0004);
    CHECK(read(0xFFFF).flags == 0x0004);  // said nothing about flags: the first three
  }
  SECTION("per subscription") {
    const RawFrame event = read(0x0002);
    CHECK(event.flags == 0x0002);
    CHECK(events_of(event).subscription_id == 9u);
    CHECK(read(0x0022).flags == 0x0022);
  }
  SECTION("JSON") {
    const std::string plain =
        R"({"type":"event_batch","tenant_id":"default","namespace":"default","stream":"s","payloads":["YQ==",""])";
    CHECK(read(0).text == plain + "}");
    CHECK(read(0x0020).text == plain + R"(,"base_offset":3})");
  }
}

TEST_CASE("`subscribed` does not wait for history that the reader does not take", "[L-06]") {
  broker::ServerOptions options;
  options.reactor.homes.ring = {100'000, 64 << 20};
  RunningBroker broker(GENERATE(1u, 2u), std::move(options));
  transport::TransportConfig small;
  small.stream_window_bytes = 4096;
  RawClient publisher_client(broker), client(broker, small);
  RawChannel& publisher = publisher_client.open_authenticated();
  constexpr std::size_t kRecords = 3000;
  const std::string body(2000, 'x');
  for (std::size_t i = 0; i < kRecords; ++i) publisher.write(acked(i, "h", {std::to_string(i) + ' ' + body}));
  for (std::size_t i = 0; i < kRecords; ++i) REQUIRE(ack_of(publisher.next()).status == 0);

  RawChannel& channel = client.open_authenticated();
  channel.write(subscribe("h", R"(,"start":"earliest")"));
  // Nothing of the event stream is consumed before the answer is there.
  RawChannel& events = client.event_channel();
  events.stop_consuming();
  CHECK(channel.next().text.starts_with(R"({"type":"subscribed")"));
  client.until([&] { return events.heard_bytes() >= 4096; });
  CHECK(events.heard_bytes() <= 4096 + 64);
  CHECK(events.next().text.starts_with(R"({"type":"event_stream_hello")"));
  events.consume_again();
  std::size_t heard = 0;
  while (heard < kRecords) {
    const RawEvents batch_heard = events_of(events.next());
    CHECK(batch_heard.base_offset == heard);
    for (const std::string& record : batch_heard.records)
      REQUIRE(record.starts_with(std::to_string(heard++) + ' '));
  }
}

TEST_CASE("without credit for an event stream a subscribe waits a while, and then is told") {
  broker::ServerOptions options;
  const bool credit_comes = GENERATE(false, true);
  options.reactor.stream_credit_patience =
      credit_comes ? Duration(std::chrono::hours(1)) : std::chrono::milliseconds(100);
  RunningBroker broker(GENERATE(1u, 2u), std::move(options));
  RawClient client(broker, few_streams(2));
  RawChannel& first = subscribe_to(client, "s");
  RawChannel& second = subscribe_to(client, "s");
  if (!credit_comes) {
    RawChannel& channel = client.open_authenticated();
    channel.write(subscribe("s"));
    CHECK(channel.next().text == R"({"type":"error","message":"no credit for another event stream"})");
    CHECK(channel.rest().empty());
    CHECK(broker.metric("felix_sub_connection_subscribers") == 2);
    return;
  }
  SECTION("credit comes, and nothing published meanwhile is missed or doubled") {
    RawClient other(broker);
    RawChannel& publisher = other.open_authenticated();
    publish(publisher, "s", {"0"});
    RawChannel& channel = client.open_authenticated();
    channel.write(subscribe("s", R"(,"start":"earliest")"));
    client.within(std::chrono::milliseconds(50), [] { return false; });
    publish(publisher, "s", {"1"});
    first.stop_reading();
    client.until([&] { return first.closed(); });
    publish(publisher, "s", {"2"});
    CHECK(channel.next().text.starts_with(R"({"type":"subscribed")"));
    RawChannel& events = client.event_channel();
    CHECK(events.next().text.starts_with(R"({"type":"event_stream_hello")"));
    publish(publisher, "s", {"3"});
    std::vector<std::string> heard;
    while (heard.size() < 4) {
      for (std::string& record : events_of(events.next()).records) heard.push_back(std::move(record));
    }
    CHECK(heard == std::vector<std::string>{"0", "1", "2", "3"});
  }
  SECTION("the asker leaves first") {
    for (int i = 0; i < 10; ++i) {
      RawChannel& channel = client.open_authenticated();
      channel.write(subscribe("s"));
      client.turn();
      channel.stop_reading();
      channel.reset();
    }
    second.stop_reading();
    RawChannel& channel = client.open_authenticated();
    channel.write(subscribe("s", R"(,"subscription_id":77)"));
    // One of those that left may have been let in just before.
    client.until([&] {
      if (!client.has_event_channel()) return false;
      RawChannel& events = client.event_channel();
      if (events.next().text == hello(77)) return true;
      events.stop_reading();
      return false;
    });
    CHECK(channel.next().text == subscribed(77));
  }
}

TEST_CASE("a reader that stops its event stream is unsubscribed, at any moment") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker, few_streams(40));
  RawChannel& publisher = client.open_authenticated();
  publish(publisher, "s", {"x"});
  for (int i = 0; i < 30; ++i) {
    RawChannel& channel = client.open_authenticated();
    channel.write(subscribe("s", i % 2 == 0 ? R"(,"start":"earliest")" : ""));
    RawChannel& events = client.event_channel();
    events.stop_reading();
    if (i % 3 == 0) {
      channel.stop_reading();
      channel.reset();
    }
    publisher.write(acked(1, "s", {"y"}));
    CHECK(ack_of(publisher.next()).status == 0);
  }
  client.until([&] { return broker.metric("felix_sub_connection_subscribers") == 0; });
  publish(publisher, "s", {"nobody"});
}

TEST_CASE("subscriptions that come to nothing leave nothing behind") {
  broker::ServerOptions options;
  options.reactor.max_subscriptions = 3;
  RunningBroker broker(GENERATE(1u, 2u), std::move(options));
  RawClient client(broker);
  // Each of these would use up a place for ever if it were not given back.
  for (int i = 0; i < 12; ++i) {
    RawChannel& channel = client.open_authenticated();
    channel.write(subscribe("s" + std::to_string(i % 4), R"(,"start":{"offset":7})"));
    CHECK(channel.next().text ==
          R"({"type":"subscribe_cursor_error","reason":"in_future","requested":7,"available":0})");
    CHECK(channel.rest().empty());
    RawChannel& hasty = client.open_authenticated();
    hasty.write(subscribe("s" + std::to_string(i % 4)));
    hasty.stop_reading();
    hasty.reset();
    if (client.within(std::chrono::milliseconds(5), [&] { return client.has_event_channel(); }))
      client.event_channel().stop_reading();
  }
  client.until([&] {
    while (client.has_event_channel()) client.event_channel().stop_reading();
    return broker.metric("felix_sub_connection_subscribers") == 0;
  });
  for (int i = 0; i < 3; ++i) subscribe_to(client, "s" + std::to_string(i));
  RawChannel& over = client.open_authenticated();
  over.write(subscribe("s0"));
  CHECK(over.next().text == R"({"type":"error","message":"max subscriptions per connection exceeded"})");
  CHECK(over.rest().empty());
  RawChannel& shard = client.open_authenticated();
  shard.write(subscribe("s0", R"(,"shard":1)"));
  CHECK(shard.next().text == R"({"type":"error","message":"shard 1 of a stream with 1"})");
}

TEST_CASE(
    "whoever joins at the ring's edge while it turns over gets all from there on, or is told what is left",
    "[L-03]") {
  broker::ServerOptions options;
  options.reactor.homes.ring = {16, 1 << 20};
  const std::uint32_t reactors = GENERATE(1u, 2u, 4u);
  RunningBroker broker(reactors, std::move(options));
  RawClient publishing(broker);
  RawChannel& publisher = publishing.open_authenticated();
  // Of a dozen streams some are at home where their reader is, and others elsewhere.
  constexpr std::size_t kStreams = 12;
  std::size_t joined = 0;
  std::size_t too_old = 0;
  for (std::size_t round = 0; round < 120; ++round) {
    const std::string stream = "s" + std::to_string(round % kStreams);
    const std::size_t published = 40 * (round / kStreams);
    RawClient client(broker);
    RawChannel& channel = client.open_authenticated();
    // As far back as the ring just reaches, while it turns over behind the request.
    std::size_t answered = 0;
    for (std::size_t i = 0; i < 20; ++i) publisher.write(acked(i, stream, {std::to_string(published + i)}));
    publishing.turn();
    for (; round % 2 == 0 && answered < 20; ++answered) REQUIRE(ack_of(publisher.next()).status == 0);
    const std::size_t from = published + (round % 20);
    channel.write(subscribe(stream, R"(,"start":{"offset":)" + std::to_string(from) + "}"));
    client.turn();
    for (std::size_t i = 20; i < 40; ++i) publisher.write(acked(i, stream, {std::to_string(published + i)}));
    for (; answered < 40; ++answered) REQUIRE(ack_of(publisher.next()).status == 0);
    const std::string answer = channel.next().text;
    CAPTURE(round, from, answer);
    const std::string refusal = R"({"type":"subscribe_cursor_error","reason":")";
    if (answer.starts_with(refusal + "too_old")) {
      ++too_old;
      const std::size_t available = std::stoul(answer.substr(answer.find(R"("available":)") + 12));
      CHECK(available > from);
      CHECK(available <= published + 40);
      continue;
    }
    if (answer.starts_with(refusal + "in_future")) continue;  // it overtook the publishes
    REQUIRE(answer.starts_with(R"({"type":"subscribed")"));
    ++joined;
    RawChannel& events = client.event_channel();
    REQUIRE(events.next().text.starts_with(R"({"type":"event_stream_hello")"));
    for (std::size_t next = from; next < published + 40;) {
      const RawEvents heard = events_of(events.next());
      REQUIRE(heard.base_offset == next);
      for (const std::string& record : heard.records) REQUIRE(record == std::to_string(next++));
    }
  }
  CHECK(joined > 0);
  CHECK(too_old > 0);
}
