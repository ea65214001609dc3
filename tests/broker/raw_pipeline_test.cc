// Pipelined publishing: what is granted to who asks, and the window (wire protocol sections 4, 5.1 and 8.1).

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "broker/raw_client.h"
#include "broker/stuck_reader.h"
#include "wire/features.h"

using namespace felix;
using namespace felix::test;

namespace {

constexpr std::string_view kPipelined = R"(,"client_flags":63,"client_features":163840)";  // 0x28000

std::string auth_answer(RawClient& client, std::string_view offered) {
  RawChannel& channel = client.open();
  channel.write(auth(client.token(), offered));
  return channel.next().text;
}

std::string auth_ok(std::uint32_t features, std::string_view more = "") {
  return R"({"type":"auth_ok","server_flags":)" + std::to_string(wire::kServedFlags) +
         R"(,"server_features":)" + std::to_string(wire::kServedFeatures | features) + std::string(more) +
         '}';
}

double published(const RawClient& client) { return client.broker().metric("felix_published_records_total"); }

}  // namespace

TEST_CASE(
    "what changes a broker's promises is granted to who asks for it, and nobody else sees a word of it") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  const std::string window = R"(,"publish_window":256)";
  CHECK(auth_answer(client, R"(,"client_flags":255,"client_features":1023)") == auth_ok(0));
  CHECK(auth_answer(client, R"(,"client_flags":63,"client_features":32768)") == auth_ok(0x8000, window));
  CHECK(auth_answer(client, kPipelined) == auth_ok(0x28000, window));
  CHECK(auth_answer(client, R"(,"client_flags":63,"client_features":524288)") == auth_ok(0x80000));
  // A window of streams without the promise it is about is nothing.
  CHECK(auth_answer(client, R"(,"client_flags":63,"client_features":131072)") == auth_ok(0));
  CHECK(auth_answer(client, R"(,"client_flags":63)") ==
        R"({"type":"auth_ok","server_flags":)" + std::to_string(wire::kServedFlags) + "}");
}

TEST_CASE("a broker without a window grants no pipelining") {
  broker::ServerOptions options;
  options.reactor.publish_window = 0;
  RunningBroker broker(GENERATE(1u, 2u), std::move(options));
  RawClient client(broker);
  CHECK(auth_answer(client, R"(,"client_flags":63,"client_features":688128)") == auth_ok(0x80000));
  RawChannel& channel = client.open_authenticated(kPipelined);
  for (std::uint64_t i = 0; i < 600; ++i) channel.write(acked(i, "s", {"x"}));
  for (std::uint64_t i = 0; i < 600; ++i) CHECK(ack_of(channel.next()).request_id == i);
}

TEST_CASE("of a pipelined stream only the window is unanswered, and what is behind it is not read") {
  broker::ServerOptions options = blocking_options();
  options.reactor.publish_window = 8;
  RunningBroker broker(GENERATE(1u, 2u), std::move(options));
  RawClient client(broker);
  StuckReader reader(broker, "s");
  constexpr double kFill = StuckReader::kFill;
  RawChannel& windowed = client.open_authenticated(kPipelined);
  RawChannel& plain = client.open_authenticated();
  for (std::uint64_t i = 0; i < 20; ++i) windowed.write(acked(i, "s", {"windowed"}));
  client.until([&] { return published(client) == kFill + 8; });
  CHECK_FALSE(client.within(std::chrono::milliseconds(150), [&] { return published(client) > kFill + 8; }));
  CHECK(windowed.waiting() == 0);
  // Who did not ask for a window is read on, and un-acked publishes do not count against it.
  for (std::uint64_t i = 0; i < 20; ++i) plain.write(acked(i, "s", {"plain"}));
  client.until([&] { return published(client) == kFill + 28; });

  reader.read_again();
  reader.until(client, [&] { return reader.heard().size() == 40; });
  for (RawChannel* channel : {&windowed, &plain}) {
    for (std::uint64_t i = 0; i < 20; ++i) {
      const RawAck ack = ack_of(channel->next());
      CHECK(ack.request_id == i);
      CHECK(ack.status == 0);
    }
  }
}

TEST_CASE("an ack says no more than its client can read") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  const auto answer = [&](std::string_view offered, std::string_view request) {
    RawChannel& channel = client.open_authenticated(offered);
    channel.write(request);
    const RawFrame got = channel.next();
    return be(got.flags, 2) + got.text;
  };
  const std::string json = json_frame(
      R"({"type":"publish","tenant_id":"default","namespace":"default","stream":"j","payload":"YQ==","request_id":7})");
  const std::string ok = be(0, 1) + be(7, 8) + be(0, 2);
  const std::string text = "name: a stream may not be named";
  // Offsets.
  CHECK(answer(R"(,"client_flags":63)", acked(7, "b", {"x"})) == be(0x0010, 2) + ok);
  CHECK(answer(R"(,"client_flags":4159)", acked(7, "b", {"x", "y"})) == be(0x1010, 2) + ok + be(1, 8));
  CHECK(answer(R"(,"client_flags":4159)", acked(7, "b", {})) == be(0x1010, 2) + ok + be(3, 8));
  CHECK(answer(R"(,"client_flags":63)", json) == be(0, 2) + R"({"type":"publish_ok","request_id":7})");
  CHECK(answer(R"(,"client_flags":4159)", json) ==
        be(0, 2) + R"({"type":"publish_ok","request_id":7,"offset":1})");
  // Codes: each ack flag for itself, and the detail only where there is one.
  const std::string bad = acked(7, "a/b", {"x"});
  const std::string refused = answer(R"(,"client_flags":63)", bad);
  CHECK(refused.starts_with(be(0x0010, 2) + be(1, 1) + be(7, 8)));
  const std::string coded = be(4, 2) + be(5, 1);
  CHECK(answer(R"(,"client_flags":575)", bad) == be(0x0210, 2) + refused.substr(2) + coded);
  CHECK(answer(R"(,"client_flags":1599)", bad) == be(0x0210, 2) + refused.substr(2) + coded);
  CHECK(answer(R"(,"client_flags":5695)", bad) == be(0x0210, 2) + refused.substr(2) + coded);
}
