// Who may talk, and who may not yet (wire protocol sections 1.4 and 5).

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "authz/claims.h"
#include "base/base64.h"
#include "broker/raw_client.h"
#include "wire/features.h"

using namespace felix;
using namespace felix::test;

namespace {

std::string error(std::string_view message) {
  return R"({"type":"error","message":")" + std::string(message) + R"("})";
}

// The stream was refused with `answer` and ended.
void check_refused(RawChannel& channel, const std::string& answer) {
  const auto rest = channel.rest();
  REQUIRE(rest.size() == 1);
  CHECK(rest.front().text == answer);
  CHECK(channel.finished());
}

std::string unpadded(std::string_view text) {
  std::string encoded = encode_base64(as_bytes(text));
  while (encoded.ends_with('=')) encoded.pop_back();
  for (char& c : encoded) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return encoded;
}

transport::TransportConfig few_streams(std::uint64_t uni) {
  transport::TransportConfig config;
  config.max_uni_streams = uni;
  return config;
}

}  // namespace

TEST_CASE("the answer to auth is what the client can read") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  RawChannel& plain = client.open();
  plain.write(auth(client.token(), ""));
  CHECK(plain.next().text == R"({"type":"ok"})");
  RawChannel& flags = client.open();
  flags.write(auth(client.token(), R"(,"client_flags":63)"));
  CHECK(flags.next().text ==
        R"({"type":"auth_ok","server_flags":)" + std::to_string(wire::kServedFlags) + "}");
  RawChannel& features = client.open();
  features.write(auth(client.token(), R"(,"client_flags":255,"client_features":1023)"));
  CHECK(features.next().text == R"({"type":"auth_ok","server_flags":)" + std::to_string(wire::kServedFlags) +
                                    R"(,"server_features":)" + std::to_string(wire::kServedFeatures) + "}");
}

TEST_CASE("auth comes first, and once") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  RawChannel& json_first = client.open();
  json_first.write(cache_get("c", "k", with_id(1)));
  check_refused(json_first, error("auth required"));
  RawChannel& binary_first = client.open();
  binary_first.write(acked(1, "s", {"x"}));
  check_refused(binary_first, error("auth required"));
  RawChannel& unknown_first = client.open();
  unknown_first.write(json_frame(R"({"type":"hello"})"));
  check_refused(unknown_first, error("auth required"));
  RawChannel& twice = client.open_authenticated();
  twice.write(acked(1, "s", {"x"}) + auth(client.token()) + acked(2, "s", {"x"}));
  CHECK(ack_of(twice.next()).request_id == 1);
  check_refused(twice, error("auth already established"));
}

TEST_CASE("a token that does not prove its bearer is refused, with a code for who reads codes") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  const std::string good = client.token();
  const std::string claims = good.substr(good.find('.') + 1, good.rfind('.') - good.find('.') - 1);
  const std::string signature = good.substr(good.rfind('.') + 1);
  const auto hand_made = [&](std::string_view head, const std::string& sign) {
    return unpadded(head) + '.' + claims + '.' + sign;
  };
  std::string token;
  std::string tenant = "default";
  SECTION("another tenant in auth") { tenant = "other"; }
  SECTION("another tenant's token") { token = broker.token({"tenant.manage:tenant:other"}, "other"); }
  SECTION("expired") { token = broker.token({"tenant.manage:tenant:default"}, "default", -61); }
  SECTION("alg none") { token = hand_made(R"({"alg":"none","typ":"JWT"})", ""); }
  SECTION("alg none with a signature") { token = hand_made(R"({"alg":"none"})", signature); }
  SECTION("alg HS256") {
    token = hand_made(R"({"alg":"HS256","typ":"JWT"})", unpadded(std::string(32, 'x')));
  }
  SECTION("alg RS256") {
    token = hand_made(R"({"alg":"RS256","typ":"JWT"})", unpadded(std::string(256, 'x')));
  }
  SECTION("another head over a good signature") { token = hand_made(R"({"alg":"EdDSA"})", signature); }
  SECTION("empty") { token = " "; }
  RawChannel& channel = client.open();
  channel.write(auth(token.empty() ? good : token, R"(,"client_flags":63)", tenant));
  check_refused(channel, error("auth failed"));
  RawChannel& coded = client.open();
  coded.write(auth(token.empty() ? good : token, R"(,"client_flags":63,"client_features":2048)", tenant));
  check_refused(coded,
                R"({"type":"error","message":"auth failed","code":"unauthenticated","retry":"fatal"})");
  CHECK(broker.metric("felix_auth_requests_total{result=\"refused\"}") == 2);
}

TEST_CASE("a refused stream leaves the others of its connection alone") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  RawChannel& good = client.open_authenticated();
  RawChannel& bad = client.open();
  bad.write(auth("x.y.z"));
  check_refused(bad, error("auth failed"));
  good.write(acked(1, "s", {"x"}));
  CHECK(ack_of(good.next()).status == 0);
}

TEST_CASE("so many unauthenticated streams are read, and the next when one is done") {
  broker::ServerOptions options;
  options.reactor.preauth_max_streams = 3;
  RunningBroker broker(GENERATE(1u, 2u), std::move(options));
  RawClient client(broker);
  std::vector<RawChannel*> silent;
  for (int i = 0; i < 3; ++i) {
    silent.push_back(&client.open());
    silent.back()->write("FLX1");
  }
  RawChannel& waiting = client.open();
  waiting.write(auth(client.token()) + acked(1, "s", {"x"}));
  CHECK_FALSE(client.within(std::chrono::milliseconds(250), [&] { return waiting.waiting() > 0; }));
  SECTION("one authenticates") { silent[1]->write(auth(client.token()).substr(4)); }
  SECTION("one ends") {
    silent[1]->finish();
    CHECK(silent[1]->rest().empty());
  }
  CHECK(waiting.next().text.starts_with(R"({"type":"auth_ok")"));
  CHECK(ack_of(waiting.next()).status == 0);
}

TEST_CASE("a connection that never authenticates is closed, unless its source is known") {
  broker::ServerOptions options;
  options.reactor.auth_timeout = std::chrono::milliseconds(200);
  RunningBroker broker(GENERATE(1u, 2u), std::move(options));
  {
    RawClient idle(broker);
    idle.open().write("FLX1");
    idle.until([&] { return idle.closed().has_value(); });
    CHECK(idle.closed()->kind == transport::CloseReason::Kind::peer_application);
    CHECK(idle.closed()->code == 1);
    CHECK(idle.closed()->text == "authentication timeout");
    CHECK(broker.metric("felix_quic_auth_timeout_total") == 1);
  }
  RawClient known(broker);
  known.open_authenticated();
  RawClient idle(broker);
  CHECK_FALSE(idle.within(std::chrono::milliseconds(600), [&] {
    known.turn();
    return idle.closed().has_value();
  }));
  known.close();
  idle.until([&] { return idle.closed().has_value(); });
}

TEST_CASE("connections over a limit are refused in the handshake, and fit again when others leave") {
  broker::ServerOptions options;
  const bool per_source = GENERATE(false, true);
  if (per_source) {
    options.admission.per_source = 3;
  } else {
    options.admission.connections = 3;
  }
  RunningBroker broker(GENERATE(1u, 2u), std::move(options));
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<RawClient>(broker));
    CHECK(clients.back()->ready());
  }
  RawClient refused(broker);
  REQUIRE(refused.closed());
  CHECK(refused.closed()->kind == transport::CloseReason::Kind::refused);
  CHECK(refused.closed()->code == 2);
  clients[0]->close();
  clients[1]->until([&] {
    clients[1]->turn();
    return broker.metric("felix_connections") == 2;
  });
  RawClient next(broker);
  CHECK(next.ready());
}

TEST_CASE("a stream without grants is told so, request by request") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker, few_streams(10));
  const std::string token = broker.token({"stream.publish:stream:default/default/mine"});
  const auto open = [&]() -> RawChannel& {
    RawChannel& channel = client.open();
    channel.write(auth(token));
    CHECK(channel.next().text.starts_with(R"({"type":"auth_ok")"));
    return channel;
  };
  RawChannel& channel = open();
  channel.write(acked(1, "theirs", {"x"}) + acked(2, "mine", {"x"}));
  const RawAck refused = ack_of(channel.next());
  CHECK(refused.status == 1);
  CHECK(refused.message == "forbidden");
  CHECK(ack_of(channel.next()).status == 0);
  channel.write(frame(0x0001, batch("theirs", {"x"})) + acked(3, "mine", {"x"}));
  CHECK(channel.rest().empty());
  RawChannel& subscriber = open();
  subscriber.write(subscribe("mine"));
  check_refused(subscriber, error("forbidden"));
  RawChannel& reader = open();
  reader.write(cache_get("c", "k", with_id(1)));
  check_refused(reader, error("forbidden"));
  RawChannel& foreign = open();
  foreign.write(json_frame(
      R"({"type":"cache_get","tenant_id":"other","namespace":"default","cache":"c","key":"k","request_id":1})"));
  check_refused(foreign, error("tenant mismatch"));
}
