#include "conformance/live_runner.h"

#include <algorithm>
#include <set>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "broker/running_broker.h"
#include "client/publisher.h"
#include "io/loop.h"

using namespace felix;
using conformance::LiveOptions;
using conformance::Outcome;
using conformance::Report;

namespace {

std::string failures(const Report& report) {
  std::string text;
  for (const auto& one : report.cases)
    if (one.outcome == Outcome::fail) text += one.name + ": " + one.reason + "\n";
  return text;
}

std::set<std::string> skipped(const Report& report) {
  std::set<std::string> names;
  for (const auto& one : report.cases)
    if (one.outcome == Outcome::skip) names.insert(one.name);
  return names;
}

Report run(const test::RunningBroker& broker, LiveOptions options) {
  const auto loop = io::Loop::create(broker.clock()).value();
  if (options.connect.servers.empty()) options.connect = broker.client_options();
  const auto report = conformance::run_live(*loop, options);
  if (!report) FAIL(to_string(report.error()));
  return *report;
}

// What a broker that stands alone and has no producers can never show.
const std::set<std::string> kSkippedStandalone = {
    "ack.duplicate_reports_the_original_offset", "error.quorum_timeout_is_outcome_unknown",
    "error.shard_unavailable_is_retryable", "retry.idempotent_producers_re_send_ambiguous_outcomes"};

}  // namespace

TEST_CASE("every scenario holds against our broker, with one and with two reactors") {
  test::RunningBroker broker(GENERATE(1u, 2u));
  const Report report = run(broker, {});
  CHECK(failures(report) == "");
  CHECK(skipped(report) == kSkippedStandalone);
  CHECK(report.cases.size() == conformance::live_scenarios({})->size());
  CHECK(report.exit_code() == ExitCode::done);
  // A second run on the same broker meets what the first left behind.
  CHECK(failures(run(broker, {})) == "");
  // Nothing of it stays behind: the broker learns of the last connections' end in a moment.
  const auto loop = io::Loop::create(broker.clock()).value();
  const auto left = [&] { return broker.metric("felix_sub_connection_subscribers"); };
  for (int i = 0; i < 5000 && left() != 0; ++i)
    loop->turn(broker.clock().now() + std::chrono::milliseconds(1));
  CHECK(left() == 0);
}

TEST_CASE("a stream and a cache that others use too can be named, and nothing of theirs is taken for ours") {
  test::RunningBroker broker(1);
  test::TestClient other(broker);
  REQUIRE(other.session->connect());
  client::Publisher publisher(*other.session, {});
  for (int i = 0; i < 20; ++i)
    REQUIRE(publisher.publish_and_wait({.stream = "shared", .records = test::records({"not ours"})}));
  const Report report = run(broker, {.stream = "shared", .cache = "shared"});
  CHECK(failures(report) == "");
  // Those that fill a stream until somebody loses records ask for one of their own.
  std::set<std::string> expected = kSkippedStandalone;
  expected.insert({"subscribe.lagged_is_told", "subscribe.too_old"});
  CHECK(skipped(report) == expected);
}

TEST_CASE("a broker that creates nothing on first use is told apart from one that fails") {
  broker::ServerOptions server;
  server.reactor.create_on_use = false;
  test::RunningBroker broker(1, std::move(server));
  const Report report = run(broker, {});
  CHECK(failures(report) == "");
  const std::set<std::string> names = skipped(report);
  CHECK(names.contains("pubsub.order"));
  CHECK(names.contains("cache.put_get"));
  CHECK(!names.contains("error.unknown_stream_is_typed"));
  // Who names a stream means it: that it is not there is a failure.
  const Report named = run(broker, {.only = {"pubsub.order"}, .stream = "absent"});
  CHECK(named.count(Outcome::fail) == 1);
}

TEST_CASE("what needs a stream or a cache is skipped where the token has none to use") {
  test::RunningBroker broker(1);
  const std::string token = broker.token({"stream.publish:stream:default/default/mine"});
  const Report report = run(broker, {.connect = broker.client_options(token)});
  CHECK(failures(report) == "");
  const std::set<std::string> names = skipped(report);
  CHECK(names.contains("pubsub.order"));
  CHECK(names.contains("cache.put_get"));
  CHECK(!names.contains("proto.second_auth_is_refused"));
  const auto order = std::ranges::find(report.cases, "pubsub.order", &conformance::CaseResult::name);
  CHECK(order->reason.find("--stream") != std::string::npos);
}

TEST_CASE("scenarios are chosen by id and by family, and an unknown word is a usage error") {
  CHECK(conformance::live_scenarios({"cache.*"})->size() == 5);
  CHECK(conformance::live_scenarios({"cache.put_get", "cache.*", "pubsub.order"})->size() == 6);
  const auto unknown = conformance::live_scenarios({"cache.*", "cache.never"});
  REQUIRE(!unknown);
  CHECK(unknown.error().code == Errc::usage);
  CHECK(unknown.error().context.find("cache.never") != std::string::npos);
  CHECK(!conformance::live_scenarios({"cache"}));
  std::set<std::string_view> ids;
  const auto all = conformance::live_scenarios({}).value();
  for (const auto& scenario : all) {
    CHECK(ids.insert(scenario.id).second);
    CHECK(!scenario.sentence.empty());
    CHECK(!scenario.sentence.ends_with('.'));
  }
}

TEST_CASE("a broker that is away or refuses us is an error, not a list of failures") {
  test::RunningBroker broker(1);
  const auto loop = io::Loop::create(broker.clock()).value();
  LiveOptions options{.connect = broker.client_options(broker.token({}, "default", -1000))};
  const auto refused = conformance::run_live(*loop, options);
  REQUIRE(!refused);
  CHECK(refused.error().code == Errc::unauthenticated);
  options.connect = broker.client_options();
  options.timeout = std::chrono::milliseconds(300);
  broker.stop();
  const auto away = conformance::run_live(*loop, options);
  REQUIRE(!away);
  CHECK(exit_code(away.error()) == ExitCode::could_not_connect);
}

TEST_CASE("an interrupted run ends as such") {
  test::RunningBroker broker(1);
  const auto loop = io::Loop::create(broker.clock()).value();
  loop->at_end_of_turn([&, turns = 0]() mutable {
    if (++turns == 100) loop->stop();
    return false;
  });
  const auto report = conformance::run_live(*loop, {.connect = broker.client_options()});
  REQUIRE(!report);
  CHECK(report.error().code == Errc::interrupted);
}
