// What a broker does with frames, good and broken (wire protocol sections 2 and 12).

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "broker/raw_client.h"

using namespace felix;
using namespace felix::test;

namespace {

// The stream ended without another answer, and the connection lives.
void check_ended_silently(RawClient& client, RawChannel& channel) {
  CHECK(channel.rest().empty());
  CHECK(channel.finished());
  CHECK_FALSE(client.closed());
  client.open_authenticated();
}

void check_served(RawChannel& channel, std::uint64_t request_id) {
  channel.write(acked(request_id, "s", {"x"}));
  const RawAck ack = ack_of(channel.next());
  CHECK(ack.status == 0);
  CHECK(ack.request_id == request_id);
}

const std::string kUnsupported = R"({"type":"error","message":"unsupported frame flags"})";

}  // namespace

TEST_CASE("frames may be split at every byte and come many at once") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  const std::string talk = auth(client.token()) + acked(7, "s", {"", "a", "bc"}) +
                           cache_put("c", "k", "djE=", with_id(8)) + cache_get("c", "k", with_id(9)) +
                           acked(10, "s", {});
  const auto check_answers = [&](RawChannel& channel) {
    CHECK(channel.next().text.starts_with(R"({"type":"auth_ok","server_flags":)"));
    CHECK(ack_of(channel.next()).request_id == 7);
    CHECK(channel.next().text == R"({"type":"cache_ok","request_id":8})");
    CHECK(channel.next().text.find(R"("value":"djE=","request_id":9)") != std::string::npos);
    CHECK(ack_of(channel.next()).request_id == 10);
  };
  std::vector<RawChannel*> channels;
  for (std::size_t at = 1; at < talk.size(); ++at) {
    channels.push_back(&client.open());
    channels.back()->write(talk.substr(0, at));
    client.turn();
    channels.back()->write(talk.substr(at));
    channels.back()->finish();
    if (channels.size() < 12 && at + 1 < talk.size()) continue;
    for (RawChannel* channel : channels) {
      check_answers(*channel);
      CHECK(channel->rest().empty());
    }
    channels.clear();
  }
  RawChannel& slow = client.open();
  for (const char byte : talk) {
    slow.write(std::string(1, byte));
    client.turn();
  }
  check_answers(slow);
}

TEST_CASE("a frame without payload is judged by its flags") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  for (const unsigned flags : {0x0002u, 0x0004u, 0x0010u, 0x0020u, 0x0040u, 0x0080u, 0x0100u, 0x0200u,
                               0x0400u, 0x0800u, 0x1000u, 0x2000u, 0x4000u, 0x8000u, 0x0008u}) {
    CAPTURE(flags);
    RawChannel& channel = client.open_authenticated();
    channel.write(frame(flags, ""));
    CHECK(channel.next().text == kUnsupported);
    check_served(channel, 1);
  }
  for (const unsigned flags : {0x0000u, 0x0001u, 0x0009u, 0x0041u}) {
    CAPTURE(flags);
    RawChannel& channel = client.open_authenticated();
    channel.write(frame(flags, ""));
    check_ended_silently(client, channel);
  }
}

TEST_CASE("a length up to the cap is served, one above ends the stream and nothing else") {
  broker::ServerOptions options;
  options.reactor.max_frame_bytes = 100'000;
  RunningBroker broker(GENERATE(1u, 2u), std::move(options));
  RawClient client(broker);
  SECTION("before authentication the cap is 64 KiB") {
    // Padding inside the JSON object brings the frame to the exact size.
    const std::string plain = auth(client.token(), R"(,"client_flags":63,"pad":"")").substr(12);
    const auto of_size = [&](std::size_t size) {
      std::string payload = plain;
      payload.insert(payload.size() - 2, std::string(size - plain.size(), 'x'));
      return payload;
    };
    RawChannel& good = client.open();
    good.write(json_frame(of_size(65536)));
    CHECK(good.next().text.starts_with(R"({"type":"auth_ok")"));
    RawChannel& over = client.open();
    over.write(json_frame(of_size(65537)));
    check_ended_silently(client, over);
    RawChannel& huge = client.open();
    huge.write(header(0, 0xFFFFFFFF) + "x");
    check_ended_silently(client, huge);
  }
  SECTION("afterwards it is the broker's") {
    const std::size_t around = acked(1, "s", {""}).size() - 12;
    RawChannel& channel = client.open_authenticated();
    channel.write(acked(1, "s", {std::string(100'000 - around, 'x')}));
    CHECK(ack_of(channel.next()).status == 0);
    channel.write(acked(2, "s", {std::string(100'001 - around, 'x')}));
    check_ended_silently(client, channel);
    RawChannel& huge = client.open_authenticated();
    huge.write(header(0x0009u, 0xFFFFFFFF) + std::string(100, 'x'));
    check_ended_silently(client, huge);
  }
  SECTION("a large frame right behind auth is judged by the larger cap") {
    RawChannel& channel = client.open();
    channel.write(auth(client.token()) + acked(1, "s", {std::string(90'000, 'x')}));
    CHECK(channel.next().text.starts_with(R"({"type":"auth_ok")"));
    CHECK(ack_of(channel.next()).status == 0);
  }
}

TEST_CASE("a FIN anywhere ends the stream gracefully, without an answer to what is incomplete") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  const std::string publish = acked(1, "s", {"hello"});
  for (const std::size_t cut : {std::size_t{0}, std::size_t{1}, std::size_t{11}, std::size_t{12},
                                std::size_t{13}, publish.size() - 1}) {
    CAPTURE(cut);
    RawChannel& channel = client.open_authenticated();
    channel.write(acked(9, "s", {"before"}) + publish.substr(0, cut));
    channel.finish();
    CHECK(ack_of(channel.next()).request_id == 9);
    check_ended_silently(client, channel);
  }
  RawChannel& nothing = client.open();
  nothing.finish();
  CHECK(nothing.rest().empty());
}

TEST_CASE("good frames before a wrong magic or version are answered before the stream ends") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  const std::string broken = GENERATE(header(0, 2, "FLX2") + "{}", header(0, 2, "FLX1", 2) + "{}",
                                      header(0, 2, "FLX1", 0) + "{}", std::string(12, '\0'));
  RawChannel& channel = client.open_authenticated();
  std::string talk;
  for (std::uint64_t i = 0; i < 20; ++i)
    talk += acked(i, "s" + std::to_string(i % 4), {"x"}) + cache_get("c", "k", with_id(100 + i));
  channel.write(talk + broken + acked(99, "s", {"never"}));
  for (std::uint64_t i = 0; i < 20; ++i) {
    CHECK(ack_of(channel.next()).request_id == i);
    CHECK(channel.next().text.find(with_id(100 + i)) != std::string::npos);
  }
  check_ended_silently(client, channel);
}

TEST_CASE("unknown flags and impossible ones are answered on a stream that goes on") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  RawChannel& channel = client.open_authenticated();
  const std::string body = be(1, 8) + be(1, 1) + batch("s", {"x"});
  for (const unsigned flags :
       {0x0080u, 0x0100u, 0x0800u, 0x2000u, 0x4000u, 0x8000u, 0x8009u, 0x0809u, 0x4001u, 0x0101u, 0x0109u,
        0x0008u, 0x0020u, 0x0821u, 0x0005u, 0x0006u, 0x0011u, 0x0024u, 0x0004u, 0x0010u, 0x0810u, 0xFFFFu}) {
    CAPTURE(flags);
    channel.write(frame(flags, body));
    const RawFrame answer = channel.next();
    CHECK(answer.flags == 0);
    CHECK(answer.text == kUnsupported);
  }
  check_served(channel, 2);
}

TEST_CASE("on a publish-only stream an unknown flag ends it silently") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  for (const unsigned flags : {0x0080u, 0x0100u, 0x0800u, 0x2000u, 0x4000u, 0x8000u, 0x8001u, 0x0101u,
                               0x0801u, 0x2001u, 0x4001u, 0x0008u, 0x0020u, 0x0004u, 0x0005u, 0xFFFFu}) {
    CAPTURE(flags);
    RawChannel& channel = client.open_uni();
    channel.write(auth(client.token()) + frame(flags, batch("s", {"x"})));
    client.until([&] {
      channel.write("more");
      return channel.closed() || channel.peer_stopped();
    });
  }
  CHECK(broker.metric("felix_published_records_total") == 0);
}

TEST_CASE("undecodable JSON ends the stream without an answer") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  std::string deep;
  for (int i = 0; i < 2000; ++i) deep += R"({"a":)";
  const std::string publish =
      R"({"type":"publish","tenant_id":"default","namespace":"default","stream":"s",)";
  const std::string bad = GENERATE_COPY(
      std::string("nonsense"), std::string("[]"), std::string("{}"), std::string("\xff\xfe"), deep,
      std::string(R"({"tenant_id":"default"})"),
      publish + R"("payload":"YQ==","payload":"YQ==","request_id":1})",
      publish + R"("payload":"YQ==","request_id":1.0})", publish + R"("payload":"YQ==","request_id":"1"})",
      publish + R"("payload":"YQ==","request_id":18446744073709551616})",
      publish + R"("payload":"YQ==","request_id":-1})", publish + R"("payload":"YQ","request_id":1})",
      publish + R"("payload":"YQ==","request_id":1,"x":"\ud800"})",
      publish + R"("payload":"YQ==","request_id":1}x)");
  CAPTURE(bad.substr(0, 120));
  RawChannel& channel = client.open_authenticated();
  channel.write(json_frame(bad));
  check_ended_silently(client, channel);
}

TEST_CASE("JSON members come in any order, and unknown ones are ignored") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  RawChannel& channel = client.open_authenticated();
  channel.write(json_frame(
      R"({ "request_id" : 18446744073709551615, "payload":"YQ==","zzz":[1,{}], "stream":"s","namespace":"default","tenant_id":"default", "type":"publish" } )"));
  CHECK(channel.next().text == R"({"type":"publish_ok","request_id":18446744073709551615})");
}

TEST_CASE("a request nobody serves is answered where both sides can say so, and ends the stream elsewhere") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  RawChannel& told = client.open_authenticated(R"(,"client_flags":63,"client_features":8192)");
  told.write(json_frame(R"({"type":"group_poll","request_id":5})") + json_frame(R"({"type":"gibberish"})") +
             json_frame(R"({"type":"extension","name":"x","request_id":6})"));
  CHECK(told.next().text == R"({"type":"unsupported","request_type":"group_poll","request_id":5})");
  CHECK(told.next().text == R"({"type":"unsupported","request_type":"gibberish"})");
  CHECK(told.next().text ==
        R"({"type":"unsupported","request_type":"extension","extension":"x","request_id":6})");
  check_served(told, 1);
  RawChannel& old = client.open_authenticated();
  old.write(json_frame(R"({"type":"group_poll","request_id":5})"));
  check_ended_silently(client, old);
}
