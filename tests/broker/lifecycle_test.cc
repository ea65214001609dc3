#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "broker/stopping.h"
#include "client/publisher.h"
#include "client/subscriber.h"

using namespace felix;
using namespace felix::test;

TEST_CASE("bad tokens are refused: another tenant's, expired, tampered with, none at all") {
  RunningBroker broker(GENERATE(1u, 2u));
  std::string token;
  SECTION("another tenant") { token = broker.token({"tenant.manage:tenant:other"}, "other"); }
  SECTION("expired") { token = broker.token({"tenant.manage:tenant:default"}, "default", -120); }
  SECTION("tampered with") {
    token = broker.admin_token();
    token[token.size() / 2] = token[token.size() / 2] == 'A' ? 'B' : 'A';
  }
  SECTION("nonsense") { token = "x.y.z"; }
  TestClient at(broker, token);
  const Status refused = at.session->connect();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::unauthenticated);
  CHECK(broker.metric("felix_auth_requests_total{result=\"refused\"}") >= 1);
}

TEST_CASE("a drain answers what was asked, tells every client, and ends well inside its budget") {
  broker::ServerOptions options;
  options.reactor.drain_patience = std::chrono::hours(1);  // nobody is waited for who takes nothing
  RunningBroker broker(GENERATE(1u, 2u, 4u), std::move(options));
  TestClient publisher_client(broker);
  REQUIRE(publisher_client.session->connect());
  std::vector<std::unique_ptr<TestClient>> clients;
  std::vector<std::unique_ptr<client::Subscriber>> subscribers;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<TestClient>(broker));
    REQUIRE(clients.back()->session->connect());
    subscribers.push_back(std::make_unique<client::Subscriber>(*clients.back()->session,
                                                               client::SubscribeOptions{.stream = "s"}));
    REQUIRE(subscribers.back()->wait_live());
  }
  client::Publisher publisher(*publisher_client.session, {});
  REQUIRE(publisher.publish_and_wait({.stream = "s", .records = records({"x"})}));
  {
    Stopping stopping(broker);
    while (!stopping.over()) {
      publisher_client.loop->turn(broker.clock().now());
      for (auto& at : clients) at->loop->turn(broker.clock().now());
    }
    CHECK(stopping.took() < std::chrono::seconds(5));
  }
  for (auto& at : clients) {
    at->loop->run_until([&] { return at->session->state() == client::Session::State::closed; },
                        broker.clock().now() + std::chrono::seconds(3));
    REQUIRE(at->session->last_error());
    CHECK(at->session->last_error()->code == Errc::draining);
  }
}

TEST_CASE("a second broker on the same state directory is refused") {
  TemporaryDirectory directory;
  io::SystemClock clock;
  auto options = [&] {
    broker::ServerOptions made;
    made.listen = made.http = io::Address::parse("127.0.0.1:0").value();
    made.state_dir = directory.path();
    made.handle_signals = false;
    return made;
  };
  auto first = broker::Server::create(options(), clock);
  REQUIRE(first);
  auto second = broker::Server::create(options(), clock);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Errc::unavailable);
}

TEST_CASE("names and keys survive a restart") {
  TemporaryDirectory directory;
  io::SystemClock clock;
  std::string first_key;
  for (int start = 0; start < 2; ++start) {
    broker::ServerOptions options;
    options.listen = options.http = io::Address::parse("127.0.0.1:0").value();
    options.state_dir = directory.path();
    options.handle_signals = false;
    auto server = broker::Server::create(std::move(options), clock);
    REQUIRE(server);
    CHECK((*server)->identity().created == (start == 0));
    const std::string key = (*server)->identity().token_keys.front().key_id;
    if (start == 0) first_key = key;
    CHECK(key == first_key);
  }
}
