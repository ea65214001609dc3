// What readers of the second generation are told beside the records (wire protocol sections 4, 6.2 and 7.4),
// and that nobody else is.

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "broker/raw_client.h"
#include "broker/stuck_reader.h"

using namespace felix;
using namespace felix::test;

namespace {

// Flags: T1's 63 with publisher (0x2000), with times (0x4000), with both. Features: ERROR_CODES; and
// SUBSCRIPTION_LAGGED.
constexpr std::string_view kPlain = R"(,"client_flags":63)";
constexpr std::string_view kPublishers = R"(,"client_flags":8255)";
constexpr std::string_view kTimes = R"(,"client_flags":16447)";
constexpr std::string_view kBoth = R"(,"client_flags":24639)";
constexpr std::string_view kLagged = R"(,"client_flags":63,"client_features":2097152)";

struct Subscription {
  std::string answer;
  RawChannel* events = nullptr;
};

Subscription subscribe_as(RawClient& client, std::string_view offer, std::string_view stream,
                          std::string_view more = "") {
  Subscription made;
  RawChannel& channel = client.open_authenticated(offer);
  channel.write(subscribe(stream, R"(,"subscription_id":9)" + std::string(more)));
  made.answer = channel.next().text;
  REQUIRE(made.answer.starts_with(R"({"type":"subscribed")"));
  made.events = &client.event_channel();
  CHECK(made.events->next().text == R"({"type":"event_stream_hello","subscription_id":9})");
  return made;
}

RawChannel& publisher_called(RawClient& client, const std::string& name) {
  RawChannel& channel = client.open();
  channel.write(
      auth(client.broker().token({"stream.publish:stream:default/default/*"}, "default", 600, name)));
  CHECK(channel.next().text.starts_with(R"({"type":"auth_ok")"));
  return channel;
}

void publish(RawChannel& channel, std::string_view stream, const std::vector<std::string>& payloads) {
  channel.write(acked(1, stream, payloads));
  REQUIRE(ack_of(channel.next()).status == 0);
}

// Frames until `count` records have come.
std::vector<RawEvents> take(RawChannel& events, std::size_t count) {
  std::vector<RawEvents> frames;
  for (std::size_t heard = 0; heard < count; heard += frames.back().records.size())
    frames.push_back(events_of(events.next()));
  return frames;
}

std::uint64_t wall_us() {
  const auto now = io::SystemClock().wall_now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

}  // namespace

TEST_CASE("who asks for publishers is told them, live and in history, and no frame holds two") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  RawChannel& ann = publisher_called(client, "p:ann");
  RawChannel& bob = publisher_called(client, "p:" + std::string(200, 'b'));
  for (int i = 0; i < 2; ++i) {
    publish(ann, "s", {"a", "a"});
    publish(bob, "s", {"b"});
  }
  const Subscription history = subscribe_as(client, kPublishers, "s", R"(,"start":"earliest")");
  const Subscription plain = subscribe_as(client, kPlain, "s", R"(,"start":"earliest")");
  for (int i = 0; i < 2; ++i) {
    publish(ann, "s", {"a"});
    publish(bob, "s", {"b", "b"});
  }
  std::uint64_t next = 0;
  for (const RawEvents& frame : take(*history.events, 12)) {
    CHECK(frame.base_offset == next);
    next += frame.records.size();
    const std::string name = frame.records.front() == "a" ? "p:ann" : "p:" + std::string(200, 'b');
    CHECK(frame.publisher == name);
    CHECK(frame.records == std::vector(frame.records.size(), frame.records.front()));
  }
  // Nobody else: the bytes are those of before, and their frames are cut by size alone.
  const RawFrame first = plain.events->next();
  CHECK(first.flags == 0x0024);
  CHECK(events_of(first).records == std::vector<std::string>{"a", "a", "b", "a", "a", "b"});
}

TEST_CASE("who asks for times is told when each record was appended, the same in history as live") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  RawChannel& publisher = client.open_authenticated();
  const Subscription live = subscribe_as(client, kTimes, "s");
  const Subscription also = subscribe_as(client, kBoth, "s");
  const std::uint64_t before = wall_us();
  publish(publisher, "s", {"1", ""});
  publish(publisher, "s", {std::string(100'000, 'x')});
  const std::uint64_t after = wall_us();
  const Subscription history = subscribe_as(client, kTimes, "s", R"(,"start":"earliest")");
  const auto times_of = [](RawChannel& events) {
    std::vector<std::uint64_t> times;
    for (const RawEvents& frame : take(events, 3)) {
      CHECK(frame.timestamps.size() == frame.records.size());
      times.insert(times.end(), frame.timestamps.begin(), frame.timestamps.end());
    }
    return times;
  };
  const auto times = times_of(*live.events);
  CHECK(times.at(0) == times.at(1));
  CHECK(times.front() >= before);
  CHECK(times.back() <= after);
  CHECK(times_of(*history.events) == times);
  CHECK(times_of(*also.events) == times);
}

TEST_CASE("start_offset and live_offset are said to those who know the second generation, and nobody else") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  RawChannel& publisher = client.open_authenticated();
  publish(publisher, "s", {"0", "1", "2"});
  const std::string start = R"(,"start":{"offset":1})";
  const std::string plain = R"({"type":"subscribed","subscription_id":9})";
  const std::string full = R"({"type":"subscribed","subscription_id":9,"start_offset":1,"live_offset":3})";
  CHECK(subscribe_as(client, "", "s", start).answer == plain);
  CHECK(subscribe_as(client, kPlain, "s", start).answer == plain);
  // T1: flags and features of its time.
  CHECK(subscribe_as(client, R"(,"client_flags":255,"client_features":1023)", "s", start).answer == plain);
  CHECK(subscribe_as(client, kLagged, "s", start).answer == full);
  CHECK(subscribe_as(client, kTimes, "s", start).answer == full);
  // Without offsets there is nothing to compare them with.
  CHECK(subscribe_as(client, R"(,"client_flags":31,"client_features":2097152)", "s", start).answer == plain);
}

TEST_CASE("a reader that is too slow hears so behind what was queued, though nothing more is published",
          "[L-12]") {
  broker::ServerOptions options;
  options.reactor.subscription.bounds = {8, 64 << 20};
  RunningBroker broker(GENERATE(1u, 2u), std::move(options));
  RawClient client(broker), publisher_client(broker);
  RawChannel& publisher = publisher_client.open_authenticated();
  const std::string body(100'000, 'x');
  // Reads on after the broker had to drop, and nothing is published meanwhile.
  const auto stall = [&](RawChannel& events) {
    events.stop_consuming();
    for (int i = 0; broker.metric("felix_subscriptions_lagged_total") == 0 && i < 2000; ++i)
      publish(publisher, "s", {body});
    REQUIRE(broker.metric("felix_subscriptions_lagged_total") == 1);
  };
  SECTION("the subscription ends with the offset to resume from, and nothing below it is missing") {
    const Subscription slow = subscribe_as(client, kLagged, "s", R"(,"start":"earliest")");
    stall(*slow.events);
    publish(publisher, "s", {"unseen"});
    slow.events->consume_again();
    std::uint64_t next = 0;
    std::optional<std::string> told;
    while (const auto frame = slow.events->next_or_end()) {
      if (frame->flags == 0) {
        told = frame->text;
        continue;
      }
      CHECK_FALSE(told);
      CHECK(events_of(*frame).base_offset == next);
      next += events_of(*frame).records.size();
    }
    CHECK(told ==
          R"({"type":"subscription_lagged","subscription_id":9,"resume_from":)" + std::to_string(next) + "}");
    CHECK(slow.events->finished());
    client.until([&] { return broker.metric("felix_sub_connection_subscribers") == 0; });
  }
  SECTION("who does not read the message keeps its subscription, and sees the gap in the offsets") {
    const Subscription slow = subscribe_as(client, kPlain, "s", R"(,"start":"earliest")");
    stall(*slow.events);
    slow.events->consume_again();
    client.until([&] { return broker.metric("felix_sub_queue_len") == 0; });
    publish(publisher, "s", {"next"});
    std::uint64_t next = 0, dropped = 0;
    for (std::string last; last != "next";) {
      const RawEvents frame = events_of(slow.events->next());
      dropped += *frame.base_offset - next;
      next = *frame.base_offset + frame.records.size();
      last = frame.records.back();
    }
    CHECK(static_cast<double>(dropped) == broker.metric("felix_sub_queue_dropped_total"));
    CHECK(dropped > 0);
  }
}

TEST_CASE("`subscribed` leaves before any event, though an earlier answer of its stream is withheld",
          "[L-06]") {
  RunningBroker broker(GENERATE(1u, 2u), blocking_options());
  RawClient client(broker), publisher_client(broker);
  RawChannel& publisher = publisher_client.open_authenticated();
  publish(publisher, "history", {"h"});
  StuckReader slow(broker, "blocked");
  RawChannel& channel = client.open_authenticated();
  channel.write(acked(0, "blocked", {"withheld"}));
  // This answer waits for that one.
  channel.write(subscribe("history", R"(,"start":"earliest","subscription_id":9)"));
  RawChannel& events = client.event_channel();
  CHECK(events.next().text.starts_with(R"({"type":"event_stream_hello")"));
  publish(publisher, "history", {"live"});
  CHECK_FALSE(client.within(std::chrono::milliseconds(50), [&] { return events.waiting() > 0; }));
  CHECK(channel.waiting() == 0);
  SECTION("and then come history and what was published meanwhile") {
    slow.read_again();
    slow.until(client, [&] { return channel.waiting() == 2; });
    std::vector<std::string> heard;
    for (const RawEvents& frame : take(events, 2))
      heard.insert(heard.end(), frame.records.begin(), frame.records.end());
    CHECK(heard == std::vector<std::string>{"h", "live"});
  }
  SECTION("and a reader that leaves before it has its answer leaves nothing behind") {
    channel.stop_reading();
    channel.reset();
    client.until([&] { return events.ended(); });
    CHECK(events.waiting() == 0);
    client.until([&] { return broker.metric("felix_sub_connection_subscribers") == 1; });
  }
}
