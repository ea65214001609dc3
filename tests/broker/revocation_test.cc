// Who may not stay: expired and revoked tokens, withdrawn keys (wire protocol section 5).

#include <filesystem>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "broker/raw_client.h"
#include "io/file.h"

using namespace felix;
using namespace felix::test;

namespace {

constexpr auto kPromise = std::chrono::seconds(1);

// A principal with one channel of each kind, all in use, and how they ended.
struct Bearer {
  Bearer(const RunningBroker& broker, const std::string& token, std::string_view stream)
      : client(broker), publisher(open(token)), cache(open(token)), subscriber(open(token)) {
    publisher.write(acked(1, stream, {"before"}));
    CHECK(ack_of(publisher.next()).status == 0);
    cache.write(cache_put("c", "k", "AA==", with_id(1)));
    CHECK(cache.next().text.starts_with(R"({"type":"cache_ok")"));
    subscriber.write(subscribe(stream));
    CHECK(subscriber.next().text.starts_with(R"({"type":"subscribed")"));
    client.until([&] { return client.has_event_channel(); });
    events = &client.event_channel();
    CHECK(events->next().text.starts_with(R"({"type":"event_stream_hello")"));
    uni = &client.open_uni();
    uni->write(auth(token) + frame(0x0001, batch(stream, {"quiet"})));
    CHECK(events->next().flags != 0);
  }

  RawChannel& open(const std::string& token) {
    RawChannel& channel = client.open();
    channel.write(auth(token, R"(,"client_flags":63,"client_features":2048)"));
    CHECK(channel.next().text.starts_with(R"({"type":"auth_ok")"));
    return channel;
  }
  bool all_ended() const {
    return publisher.ended() && cache.ended() && events->ended() && (uni->peer_stopped() || uni->ended());
  }
  // Each of them ended within the promise, with the word for it.
  void check_sent_away(std::string_view why) {
    CHECK(client.within(kPromise, [&] { return all_ended(); }));
    for (RawChannel* each : {&publisher, &cache}) {
      const auto last = each->rest();
      REQUIRE_FALSE(last.empty());
      CHECK(last.back().text == R"({"type":"error","message":")" + std::string(why) +
                                    R"(","code":"unauthenticated","retry":"fatal"})");
      CHECK(each->finished());
    }
    CHECK(events->was_reset());
    CHECK(events->reset_code() == 1);
  }

  RawClient client;
  RawChannel& publisher;
  RawChannel& cache;
  RawChannel& subscriber;
  RawChannel* events = nullptr;
  RawChannel* uni = nullptr;
};

std::string refused_with(const RunningBroker& broker, const std::string& token) {
  RawClient client(broker);
  RawChannel& channel = client.open();
  channel.write(auth(token));
  return channel.next().text;
}

const std::string kAuthFailed = R"({"type":"error","message":"auth failed"})";
const std::vector<std::string> kEverything = {"tenant.manage:tenant:default"};

}  // namespace

TEST_CASE("a revoked principal's streams end within a second, and nobody else's", "[L-88]") {
  RunningBroker broker(GENERATE(1u, 2u));
  const std::string alice = broker.token(kEverything, "default", 600, "p:alice");
  const std::string bob = broker.token(kEverything, "default", 600, "p:bob");
  Bearer revoked(broker, alice, "a");
  Bearer stays(broker, bob, "b");
  broker.write_state("revoked", "principal default p:alice\n");
  broker.server().request_reload();
  revoked.check_sent_away("token revoked");
  CHECK(refused_with(broker, alice) == kAuthFailed);
  stays.publisher.write(acked(2, "b", {"after"}));
  CHECK(ack_of(stays.publisher.next()).status == 0);
  CHECK(events_of(stays.events->next()).records == std::vector<std::string>{"after"});
  CHECK(broker.metric("felix_auth_ended_total{reason=\"revoked\"}") == 4);

  SECTION("taken out of the list again, the principal is let in") {
    broker.write_state("revoked", "");
    broker.server().request_reload();
    CHECK(revoked.client.within(kPromise, [&] { return refused_with(broker, alice) != kAuthFailed; }));
  }
}

TEST_CASE("one token can be revoked by its id, and all of a principal from before a time", "[L-88]") {
  RunningBroker broker(GENERATE(1u, 2u));
  const std::string one = broker.token(kEverything, "default", 600, "p:alice", "id-1");
  const std::string other = broker.token(kEverything, "default", 600, "p:alice", "id-2");
  Bearer revoked(broker, one, "a");
  Bearer stays(broker, other, "b");
  broker.write_state("revoked", "token default id-1\nprincipal default p:alice before 1000\n");
  broker.server().request_reload();
  revoked.check_sent_away("token revoked");
  CHECK_FALSE(stays.all_ended());
  const std::int64_t tomorrow = unix_seconds(broker.clock().wall_now()) + 86400;
  broker.write_state("revoked", "principal default p:alice before " + std::to_string(tomorrow) + "\n");
  broker.server().request_reload();
  stays.check_sent_away("token revoked");
}

TEST_CASE("an expired token's streams end within a second of its end", "[L-88]") {
  RunningBroker broker(GENERATE(1u, 2u));
  const std::string token = broker.token(kEverything, "default", 600);
  Bearer bearer(broker, token, "a");
  // A minute of leeway is part of its life.
  broker.step_wall_clock(std::chrono::seconds(650));
  bearer.publisher.write(acked(2, "a", {"still"}));
  CHECK(ack_of(bearer.publisher.next()).status == 0);
  CHECK_FALSE(bearer.client.within(std::chrono::milliseconds(250), [&] { return bearer.all_ended(); }));
  broker.step_wall_clock(std::chrono::seconds(12));
  bearer.check_sent_away("token expired");
  CHECK(refused_with(broker, token) == kAuthFailed);
  CHECK(broker.metric("felix_auth_ended_total{reason=\"expired\"}") == 4);
}

TEST_CASE("a key may be changed while traffic runs, and its tokens end when it is withdrawn", "[L-88]") {
  RunningBroker broker(GENERATE(1u, 2u));
  const std::string old_token = broker.token(kEverything);
  Bearer old_bearer(broker, old_token, "a");
  broker.move_state("token.key", "accepted-keys/old.pem");
  broker.server().request_reload();
  old_bearer.client.until([&] { return broker.has_state("token.key"); });
  const std::string new_token = broker.token(kEverything);
  old_bearer.client.until([&] { return refused_with(broker, new_token) != kAuthFailed; });
  Bearer new_bearer(broker, new_token, "b");
  CHECK(refused_with(broker, broker.admin_token()) != kAuthFailed);  // signed by the new key
  old_bearer.publisher.write(acked(2, "a", {"x"}));
  CHECK(ack_of(old_bearer.publisher.next()).status == 0);
  CHECK(refused_with(broker, old_token) != kAuthFailed);

  broker.remove_state("accepted-keys/old.pem");
  broker.server().request_reload();
  old_bearer.check_sent_away("token key withdrawn");
  CHECK(refused_with(broker, old_token) == kAuthFailed);
  new_bearer.publisher.write(acked(2, "b", {"x"}));
  CHECK(ack_of(new_bearer.publisher.next()).status == 0);
}

TEST_CASE("a request behind a revocation is refused, however busy the stream is") {
  RunningBroker broker(GENERATE(1u, 2u));
  Bearer bearer(broker, broker.token(kEverything, "default", 600, "p:alice"), "a");
  broker.write_state("revoked", "principal default p:alice\n");
  broker.server().request_reload();
  std::uint64_t sent = 1;
  std::uint64_t answered = 1;
  bearer.client.until([&] {
    if (!bearer.publisher.ended()) bearer.publisher.write(acked(++sent, "a", {"x"}));
    return bearer.publisher.ended();
  });
  const auto frames = bearer.publisher.rest();
  for (std::size_t i = 0; i + 1 < frames.size(); ++i) CHECK(ack_of(frames[i]).request_id == ++answered);
  CHECK(frames.back().text.find("token revoked") != std::string::npos);
  CHECK(broker.metric("felix_published_records_total") == 2 + static_cast<double>(answered - 1));
}

TEST_CASE("a list or a key that cannot be read keeps the old ones") {
  RunningBroker broker(GENERATE(1u, 2u));
  const std::string alice = broker.token(kEverything, "default", 600, "p:alice");
  broker.write_state("revoked", "principal default p:alice\n");
  broker.server().request_reload();
  RawClient waiting(broker);
  waiting.until([&] { return refused_with(broker, alice) == kAuthFailed; });
  SECTION("the list") { broker.write_state("revoked", "principal default\n"); }
  SECTION("a key") { broker.write_state("accepted-keys/what", "not a key"); }
  broker.server().request_reload();
  CHECK_FALSE(waiting.within(std::chrono::milliseconds(300),
                             [&] { return refused_with(broker, alice) != kAuthFailed; }));
  CHECK(refused_with(broker, broker.token(kEverything)) != kAuthFailed);
}

TEST_CASE("a connection whose last principal was sent away is closed unless another one comes") {
  broker::ServerOptions options;
  options.reactor.auth_timeout = std::chrono::milliseconds(300);
  RunningBroker broker(GENERATE(1u, 2u), std::move(options));
  Bearer bearer(broker, broker.token(kEverything, "default", 600, "p:alice"), "a");
  broker.write_state("revoked", "principal default p:alice\n");
  broker.server().request_reload();
  bearer.check_sent_away("token revoked");
  SECTION("nobody comes") {
    bearer.client.until([&] { return bearer.client.closed().has_value(); });
    CHECK(bearer.client.closed()->code == 1);
  }
  SECTION("another one comes") {
    bearer.open(broker.token(kEverything, "default", 600, "p:bob"));
    CHECK_FALSE(bearer.client.within(std::chrono::milliseconds(700),
                                     [&] { return bearer.client.closed().has_value(); }));
  }
}
