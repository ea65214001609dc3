#include "client/session.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "client/client_fixture.h"
#include "client/publisher.h"
#include "support/temporary_directory.h"

using namespace felix;
using namespace felix::client;
using Catch::Matchers::ContainsSubstring;
using client::test::Fixture;
using client::test::Generation;
using client::test::run_of;

TEST_CASE("A session is ready once the broker knows and accepts it") {
  Fixture fixture;
  auto session = fixture.session();
  REQUIRE(session->connect());
  CHECK(session->ready());
  CHECK(session->agreement().has_flags(wire::kBinaryPublishAcked | wire::kEventBatchOffsets));
  CHECK(session->agreement().has_feature(wire::kFeatureCacheDelete));
  CHECK(session->cipher() == "AES-128-GCM");
  CHECK(fixture.broker.auths == 1);
}

TEST_CASE("A plain ok means the original flags and no features") {
  Fixture fixture({.generation = Generation::before_negotiation});
  auto session = fixture.session();
  REQUIRE(session->connect());
  CHECK(session->agreement().flags == wire::kOriginalFlags);
  CHECK(session->agreement().features == 0);
}

TEST_CASE("A refused token is the broker's word, final, and no reason to try again") {
  Fixture fixture;
  ConnectOptions options = fixture.options();
  options.token = "stale";
  auto session = fixture.session(options);
  const Status connected = session->connect();
  REQUIRE_FALSE(connected);
  CHECK(connected.error() == Error{Errc::unauthenticated, "auth failed"});
  CHECK(session->state() == Session::State::closed);
  fixture.settle();
  CHECK(fixture.broker.auths == 1);
}

TEST_CASE("Silence is said to be silence, with the address and what to check") {
  Fixture fixture;
  ConnectOptions options = fixture.options();
  options.connect_timeout = std::chrono::milliseconds(100);
  fixture.broker.stop();
  auto session = fixture.session(options);
  const Status connected = session->connect();
  REQUIRE_FALSE(connected);
  CHECK(connected.error().code == Errc::connect_failed);
  CHECK_THAT(connected.error().context, ContainsSubstring(fixture.broker.address()));
  CHECK_THAT(connected.error().context, ContainsSubstring("is the broker running?"));
}

TEST_CASE("A broker of another authority is not trusted") {
  Fixture fixture;
  ConnectOptions options = fixture.options();
  options.ca_pem = crypto::test::other_ca().certificate_chain.text;
  auto session = fixture.session(options);
  const Status connected = session->connect();
  REQUIRE_FALSE(connected);
  CHECK(connected.error().code == Errc::tls_failed);
}

TEST_CASE("A certificate for another name is not trusted") {
  Fixture fixture;
  ConnectOptions options = fixture.options();
  options.server_name = "elsewhere.example";
  auto session = fixture.session(options);
  const Status connected = session->connect();
  REQUIRE_FALSE(connected);
  CHECK(connected.error().code == Errc::tls_failed);
}

TEST_CASE("The second server answers when the first is silent") {
  Fixture fixture;
  ConnectOptions options = fixture.options();
  options.servers = {"127.0.0.1:9", fixture.broker.address()};
  auto session = fixture.session(options);
  REQUIRE(session->connect());
  CHECK(session->server() == fixture.broker.address());
}

TEST_CASE("Options without server, token or CA are refused before anything is tried") {
  Fixture fixture;
  for (const auto& spoil :
       {+[](ConnectOptions& o) { o.servers.clear(); }, +[](ConnectOptions& o) { o.token.clear(); },
        +[](ConnectOptions& o) { o.ca_pem.clear(); }}) {
    ConnectOptions options = fixture.options();
    spoil(options);
    const auto session = Session::create(*fixture.loop, options);
    REQUIRE_FALSE(session);
    CHECK(session.error().code == Errc::usage);
  }
}

TEST_CASE("A broker that shuts down is told from one that is lost, and the session comes back") {
  Fixture fixture;
  auto session = fixture.session();
  REQUIRE(session->connect());
  fixture.broker.close_all(transport::kCloseNormal, "broker shutting down");
  REQUIRE(fixture.until([&] { return !session->ready(); }));
  REQUIRE(session->last_error());
  CHECK(session->last_error()->code == Errc::draining);
  CHECK_THAT(session->last_error()->context, ContainsSubstring("broker shutting down"));
  REQUIRE(fixture.until([&] { return session->ready(); }));
  CHECK(session->connection_count() == 2);
  CHECK_FALSE(session->last_error());
}

TEST_CASE("Without a reconnect policy a lost connection closes the session") {
  Fixture fixture;
  ConnectOptions options = fixture.impatient();
  options.reconnect.enabled = false;
  auto session = fixture.session(options);
  REQUIRE(session->connect());
  fixture.broker.stop();
  fixture.broker.start();
  const Status waited = session->wait_for([] { return false; }, fixture.patience());
  REQUIRE_FALSE(waited);
  CHECK(waited.error().code == Errc::connection_lost);
  CHECK(session->state() == Session::State::closed);
}

TEST_CASE("A token file is read again for the next connection") {
  felix::test::TemporaryDirectory directory;
  const std::string path = directory.path() + "/token";
  REQUIRE(crypto::write_private_file(path, "good-token\n"));
  Fixture fixture;
  ConnectOptions options = fixture.options();
  options.token.clear();
  options.token_file = path;
  auto session = fixture.session(options);
  REQUIRE(session->connect());
  fixture.broker.options().token = "newer-token";
  REQUIRE(crypto::write_private_file(path, "newer-token\n"));
  fixture.broker.close_all(transport::kCloseNormal, "broker shutting down");
  REQUIRE(fixture.until([&] { return session->connection_count() == 2 && session->ready(); }));
}

TEST_CASE("A session that may try from the start waits for its broker") {
  Fixture fixture;
  ConnectOptions options = fixture.options();
  options.connect_timeout = std::chrono::milliseconds(30);
  options.reconnect.from_the_start = true;
  fixture.broker.stop();
  auto session = fixture.session(options);
  session->start();
  REQUIRE(fixture.until([&] { return session->state() == Session::State::backing_off; }));
  fixture.broker.start();
  REQUIRE(fixture.until([&] { return session->ready(); }));
}

TEST_CASE("Closing says goodbye and ends everything that is left, once") {
  Fixture fixture({.hold_answers = true});
  auto session = fixture.session();
  REQUIRE(session->connect());
  Publisher publisher(*session, {});
  std::vector<Errc> endings;
  PublishRequest publish;
  publish.stream = "s";
  publish.records = run_of({"r"});
  publisher.publish(publish, [&](auto outcome) { endings.push_back(outcome.error().code); });
  REQUIRE(fixture.until([&] { return fixture.broker.held() == 1; }));
  session->close();
  session->close();
  publisher.publish(publish, [&](auto outcome) { endings.push_back(outcome.error().code); });
  CHECK_FALSE(publisher.flush(fixture.patience()));
  CHECK(endings == std::vector{Errc::outcome_unknown, Errc::connection_lost});
}
