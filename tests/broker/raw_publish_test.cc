// Publishing as the wire allows it (wire protocol sections 5.3, 7.1-7.3, 8.1 and 12).

#include <random>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "broker/raw_client.h"
#include "support/seed.h"

using namespace felix;
using namespace felix::test;

namespace {

std::string json_publish(std::string_view stream, std::string_view more) {
  return json_frame(R"({"type":"publish","tenant_id":"default","namespace":"default","stream":")" +
                    std::string(stream) + R"(","payload":"YQ==")" + std::string(more) + '}');
}

}  // namespace

TEST_CASE("acks carry the request's id, whatever it is") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  RawChannel& channel = client.open_authenticated();
  const std::vector<std::uint64_t> ids{0, UINT64_MAX, 5, 5, 5, 1, 0};
  for (const std::uint64_t id : ids) channel.write(acked(id, "s", {"x"}));
  for (const std::uint64_t id : ids) {
    const RawAck ack = ack_of(channel.next());
    CHECK(ack.status == 0);
    CHECK(ack.request_id == id);
    CHECK(ack.message.empty());
  }
  channel.write(acked(8, "s", {}));
  CHECK(ack_of(channel.next()).status == 0);
}

TEST_CASE("an acked JSON publish needs a request id; without one it is told and the stream goes on") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  RawChannel& channel = client.open_authenticated();
  channel.write(json_publish("s", "") + json_publish("s", R"(,"ack":"per_batch")") +
                json_publish("s", R"(,"ack":"none")") + json_publish("s", with_id(3)));
  const std::string missing = R"({"type":"error","message":"missing request_id for acked publish"})";
  CHECK(channel.next().text == missing);
  CHECK(channel.next().text == missing);
  CHECK(channel.next().text == R"({"type":"publish_ok","request_id":3})");
  CHECK(broker.metric("felix_published_records_total") == 2);
}

TEST_CASE("a malformed batch is answered as long as its request can be named") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  const std::string good = batch("s", {"abc"});
  SECTION("readable prefix") {
    RawChannel& channel = client.open_authenticated();
    const std::string count_too_big =
        good.substr(0, good.size() - 11) + be(0xFFFFFFFF, 4) + good.substr(good.size() - 7);
    const std::string bad = GENERATE_COPY(good.substr(0, good.size() - 1), count_too_big, std::string(),
                                          be(7, 2) + "defa", be(2, 2) + "\xff\xfe" + good.substr(9));
    channel.write(frame(0x0009, be(77, 8) + be(2, 1) + bad) + acked(78, "s", {"x"}));
    const RawAck ack = ack_of(channel.next());
    CHECK(ack.status == 1);
    CHECK(ack.request_id == 77);
    CHECK(ack.message == "malformed publish batch");
    CHECK(ack_of(channel.next()).status == 0);
  }
  SECTION("unreadable prefix, and nobody to tell") {
    const std::string bad = GENERATE_COPY(
        frame(0x0009, be(77, 8)), frame(0x0009, be(77, 8) + be(0, 1) + good),
        frame(0x0009, be(77, 8) + be(3, 1) + good), frame(0x0001, good.substr(0, good.size() - 1)));
    RawChannel& channel = client.open_authenticated();
    channel.write(acked(1, "s", {"x"}) + bad + acked(2, "s", {"x"}));
    CHECK(ack_of(channel.next()).request_id == 1);
    CHECK(channel.rest().empty());
    CHECK_FALSE(client.closed());
  }
  SECTION("bytes behind the last record are ignored") {
    RawChannel& channel = client.open_authenticated();
    channel.write(frame(0x0009, be(1, 8) + be(1, 1) + good + "trailing"));
    CHECK(ack_of(channel.next()).status == 0);
  }
}

TEST_CASE("answers keep request order, wherever streams and caches are at home", "[L-25]") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  RunningBroker broker(GENERATE(1u, 2u, 4u));
  RawClient client(broker);
  RawChannel& channel = client.open_authenticated();
  constexpr std::uint64_t kRequests = 6000;
  std::vector<int> kinds;
  std::string talk;
  for (std::uint64_t i = 0; i < kRequests; ++i) {
    kinds.push_back(static_cast<int>(random() % 5));
    const std::string name = "n" + std::to_string(random() % 9);
    switch (kinds.back()) {
      case 0:
        talk += acked(i, name, {"x", "y"});
        break;
      case 1:
        talk += json_publish(name, with_id(i));
        break;
      case 2:
        talk += cache_put(name, "k", "djE=", with_id(i));
        break;
      case 3:
        talk += cache_get(name, "k", with_id(i));
        break;
      default:
        talk += json_publish("bad/name", with_id(i));
        break;
    }
    // Pieces of random size, so that turns of client and broker interleave.
    if (random() % 50 == 0) {
      channel.write(std::exchange(talk, {}));
      if (random() % 4 == 0) client.turn();
    }
  }
  channel.write(talk);
  for (std::uint64_t i = 0; i < kRequests; ++i) {
    const RawFrame answer = channel.next();
    CAPTURE(i, kinds[i], answer.text);
    switch (kinds[i]) {
      case 0:
        REQUIRE(ack_of(answer).request_id == i);
        break;
      case 1:
        REQUIRE(answer.text == R"({"type":"publish_ok","request_id":)" + std::to_string(i) + "}");
        break;
      case 2:
        REQUIRE(answer.text == R"({"type":"cache_ok","request_id":)" + std::to_string(i) + "}");
        break;
      case 3:
        REQUIRE(answer.text.starts_with(R"({"type":"cache_value")"));
        REQUIRE(answer.text.ends_with(with_id(i) + "}"));
        break;
      default:
        REQUIRE(
            answer.text.starts_with(R"({"type":"publish_error","request_id":)" + std::to_string(i) + ","));
    }
  }
  CHECK(broker.metric("felix_inflight_requests") == 0);
}

TEST_CASE("an ack means the record is in the log: whoever joins behind it finds it at its offset", "[L-23]") {
  RunningBroker broker(GENERATE(1u, 2u, 4u));
  RawClient writer(broker), reader(broker);
  RawChannel& publisher = writer.open_authenticated(R"(,"client_flags":4159)");
  for (std::uint64_t i = 0; i < 40; ++i) {
    const std::string stream = "s" + std::to_string(i % 4);
    publisher.write(acked(i, stream, {"before", std::to_string(i)}));
    const RawFrame ack = publisher.next();
    REQUIRE(ack.flags == 0x1010);
    const std::uint64_t offset = i / 4 * 2;
    REQUIRE(ack.text.substr(11) == be(offset, 8));
    RawChannel& control = reader.open_authenticated();
    control.write(subscribe(stream, R"(,"start":{"offset":)" + std::to_string(offset + 1) + "}"));
    RawChannel& events = reader.event_channel();
    CHECK(events.next().text.starts_with(R"({"type":"event_stream_hello")"));
    CHECK(events_of(events.next()).records == std::vector<std::string>{std::to_string(i)});
    events.stop_reading();
  }
}

TEST_CASE("a publish-only stream appends and answers nothing") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  RawChannel& reader = client.open_authenticated();
  reader.write(subscribe("s"));
  RawChannel& events = client.event_channel();
  CHECK(events.next().text.starts_with(R"({"type":"event_stream_hello")"));
  CHECK(reader.next().text.starts_with(R"({"type":"subscribed")"));
  RawChannel& channel = client.open_uni();
  channel.write(auth(client.token()) + frame(0x0001, batch("s", {"a"})) + acked(1, "s", {"b"}) +
                json_publish("s", with_id(2)) + json_publish("s", ""));
  channel.finish();
  std::vector<std::string> heard;
  while (heard.size() < 4) {
    for (std::string& record : events_of(events.next()).records) heard.push_back(std::move(record));
  }
  CHECK(heard == std::vector<std::string>{"a", "b", "a", "a"});
}

TEST_CASE("what a publish-only stream may not say ends it silently") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  const std::string bad = GENERATE(subscribe("s"), cache_get("c", "k", with_id(1)), auth("again"),
                                   frame(0x0001, "x"), std::string("garbage that is no frame"));
  RawChannel& channel = client.open_uni();
  channel.write(auth(client.token()) + bad);
  client.until([&] {
    channel.write(frame(0x0001, batch("s", {"late"})));
    return channel.peer_stopped() || channel.closed();
  });
  RawChannel& refused = client.open_uni();
  refused.write(auth("x.y.z"));
  client.until([&] {
    refused.write(frame(0x0001, batch("s", {"late"})));
    return refused.peer_stopped() || refused.closed();
  });
  CHECK(broker.metric("felix_published_records_total") == 0);
}

TEST_CASE("where nothing is created on use, an unknown stream is an error, or a counted drop") {
  broker::ServerOptions options;
  options.reactor.create_on_use = false;
  RunningBroker broker(GENERATE(1u, 2u), std::move(options));
  RawClient client(broker);
  RawChannel& channel = client.open_authenticated();
  const std::string not_found = "stream not found: tenant=default namespace=default stream=s";
  channel.write(frame(0x0001, batch("s", {"x"})) + json_publish("s", R"(,"ack":"none")") +
                acked(1, "s", {"x"}) + json_publish("s", with_id(2)) + cache_get("c", "k", with_id(3)));
  const RawAck ack = ack_of(channel.next());
  CHECK(ack.status == 1);
  CHECK(ack.message == not_found);
  CHECK(channel.next().text == R"({"type":"publish_error","request_id":2,"message":")" + not_found + R"("})");
  CHECK(channel.next().text == R"({"type":"error","message":"cache scope not found: default/default/c"})");
  CHECK(broker.metric("felix_publish_requests_total{result=\"dropped\"}") == 2);
  channel.write(subscribe("s"));
  CHECK(channel.next().text == R"({"type":"error","message":")" + not_found + R"("})");
  CHECK(channel.rest().empty());
}

TEST_CASE("names that cannot be are refused by the request that brings them") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  RawChannel& channel = client.open_authenticated(R"(,"client_flags":575,"client_features":2048)");
  const std::string name =
      GENERATE(std::string(256, 'n'), std::string("a*"), std::string("a:b"), std::string("a/b"),
               std::string("a\nb"), std::string("\x7f"), std::string(65535, 'n'), std::string());
  channel.write(acked(1, name, {"x"}));
  const RawFrame answer = channel.next();
  CHECK(answer.flags == 0x0210);
  CHECK(ack_of(answer).status == 1);
  CHECK(ack_of(answer).message.size() <= 512);
  CHECK(answer.text.substr(answer.text.size() - 3) == be(4, 2) + be(5, 1));  // invalid_request, fatal
  std::string escaped = name;
  if (const auto at = escaped.find('\n'); at != std::string::npos) escaped.replace(at, 1, "\\n");
  channel.write(cache_put(escaped, "k", "YQ==", with_id(2)) + json_publish(escaped, with_id(3)) +
                acked(4, std::string(255, 'n'), {"x"}));
  CHECK(channel.next().text.find(R"("code":"invalid_request")") != std::string::npos);
  CHECK(channel.next().text.find(R"("code":"invalid_request")") != std::string::npos);
  CHECK(ack_of(channel.next()).status == 0);
}

TEST_CASE("many streams ask for the same new name at once, and all are served") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  std::vector<RawChannel*> channels;
  for (int i = 0; i < 50; ++i) channels.push_back(&client.open_authenticated());
  for (RawChannel* channel : channels)
    channel->write(acked(1, "new", {"x"}) + cache_put("new", "k", "YQ==", with_id(2)) +
                   acked(3, "newer", {"x"}));
  for (RawChannel* channel : channels) {
    CHECK(ack_of(channel->next()).status == 0);
    CHECK(channel->next().text == R"({"type":"cache_ok","request_id":2})");
    CHECK(ack_of(channel->next()).status == 0);
  }
  // A stream that ends while its first request waits for the name.
  for (int i = 0; i < 20; ++i) {
    RawChannel& hasty = client.open_authenticated();
    hasty.write(acked(1, "gone" + std::to_string(i), {"x"}) + cache_get("gone" + std::to_string(i), "k", ""));
    if (i % 2 == 0) hasty.reset();
    if (i % 3 == 0) hasty.stop_reading();
    client.turn();
  }
  client.close();
  client.within(std::chrono::seconds(1), [&] { return broker.metric("felix_connections") == 0; });
  CHECK(broker.metric("felix_inflight_requests") == 0);
}
