#include "client/cache_client.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "client/client_fixture.h"
#include "support/seed.h"

using namespace felix;
using namespace felix::client;
using client::test::Fixture;
using client::test::Generation;

namespace {

CacheKey key(std::string name) { return {"", "c", std::move(name)}; }
flow::Slice value(std::string_view text) { return flow::Slice::copy_of(as_bytes(text)); }
ConnectOptions in(bool binary, const Fixture& fixture) {
  ConnectOptions options = fixture.options();
  if (!binary) options.client_features_hi = 0;
  return options;
}
std::string text(const CacheEntry& entry) {
  return entry.value ? std::string(as_text(entry.value->bytes())) : "(miss)";
}

}  // namespace

TEST_CASE("What was put is got, what was removed is a miss") {
  const bool binary = GENERATE(true, false);
  Fixture fixture;
  auto session = fixture.session(in(binary, fixture));
  REQUIRE(session->connect());
  CacheClient cache(*session, {});
  REQUIRE(cache.put_and_wait(key("k"), value("v"), 1000));
  CHECK(text(cache.get_and_wait(key("k")).value()) == "v");
  REQUIRE(cache.put_and_wait(key("k"), value(""), std::nullopt));
  CHECK(text(cache.get_and_wait(key("k")).value()).empty());
  REQUIRE(cache.remove_and_wait(key("k")));
  CHECK(text(cache.get_and_wait(key("k")).value()) == "(miss)");
  CHECK(fixture.broker.cache_requests == 6);
  CHECK(fixture.broker.binary_cache_requests == (binary ? 6 : 0));
}

TEST_CASE("Brokers that do not know binary cache are asked in JSON") {
  Fixture fixture({.generation = GENERATE(Generation::before_negotiation, Generation::t0, Generation::t1)});
  auto session = fixture.session();
  REQUIRE(session->connect());
  CacheClient cache(*session, {});
  REQUIRE(cache.put_and_wait(key("k"), value("v"), std::nullopt));
  CHECK(text(cache.get_and_wait(key("k")).value()) == "v");
  CHECK(fixture.broker.cache_requests == 2);
  CHECK(fixture.broker.binary_cache_requests == 0);
}

TEST_CASE("A key that is too long for a binary frame goes as JSON, beside others") {
  Fixture fixture;
  auto session = fixture.session();
  REQUIRE(session->connect());
  CacheClient cache(*session, {});
  const std::string longest(65535, 'k');
  REQUIRE(cache.put_and_wait(key(longest), value("1"), std::nullopt));
  REQUIRE(cache.put_and_wait(key(longest + "k"), value("2"), std::nullopt));
  CHECK(text(cache.get_and_wait(key(longest)).value()) == "1");
  CHECK(text(cache.get_and_wait(key(longest + "k")).value()) == "2");
  CHECK(fixture.broker.cache_requests == 4);
  CHECK(fixture.broker.binary_cache_requests == 2);
}

TEST_CASE("Many requests on several channels are answered in any order, each its own") {
  const std::uint64_t seed = felix::test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  Fixture fixture({.hold_answers = true});
  for (int i = 0; i < 300; ++i) fixture.broker.cache()["k" + std::to_string(i)] = "v" + std::to_string(i);
  auto session = fixture.session();
  REQUIRE(session->connect());
  CacheClient cache(*session, {.channels = 3});
  std::map<int, std::string> got;
  for (int i = 0; i < 300; ++i)
    cache.get(key("k" + std::to_string(i)),
              [&got, i](Result<CacheEntry> entry) { got[i] = text(entry.value()); });
  REQUIRE(fixture.until([&] { return fixture.broker.held() == 300; }));
  fixture.broker.release(random);
  REQUIRE(cache.flush(fixture.patience()));
  REQUIRE(got.size() == 300);
  for (int i = 0; i < 300; ++i) CHECK(got[i] == "v" + std::to_string(i));
}

TEST_CASE("A refusal concerns one request, and the next ones pass") {
  Fixture fixture;
  // In JSON it names no request, and concerns the oldest.
  auto session = fixture.session(in(GENERATE(true, false), fixture));
  REQUIRE(session->connect());
  CacheClient cache(*session, {});
  fixture.broker.cache()["k"] = "v";
  std::vector<std::string> got;
  const auto note = [&](Result<CacheEntry> entry) {
    got.push_back(entry ? text(*entry) : std::string(error_row(entry.error().code).name));
  };
  cache.get(key("k"), note);
  cache.get({"", "unknown", "k"}, note);
  cache.get(key("k"), note);
  REQUIRE(cache.flush(fixture.patience()));
  CHECK(got == std::vector<std::string>{"v", std::string(error_row(Errc::not_found).name), "v"});
}

TEST_CASE("Removal is not asked of a broker that does not serve it") {
  Fixture fixture({.generation = Generation::t0});
  auto session = fixture.session();
  REQUIRE(session->connect());
  CacheClient cache(*session, {});
  const Status removed = cache.remove_and_wait(key("k"));
  REQUIRE_FALSE(removed);
  CHECK(removed.error().code == Errc::unsupported);
  CHECK(fixture.broker.cache_requests == 0);
}

TEST_CASE("After a lost connection gets are asked again and puts are unknown") {
  Fixture fixture({.hold_answers = true});
  fixture.broker.cache()["k"] = "v";
  auto session = fixture.session(fixture.impatient());
  REQUIRE(session->connect());
  CacheClient cache(*session, {});
  std::vector<std::string> got;
  std::vector<Errc> puts;
  for (int i = 0; i < 5; ++i) {
    cache.get(key("k"), [&](Result<CacheEntry> entry) { got.push_back(text(entry.value())); });
    cache.put(key("p"), value("1"), std::nullopt,
              [&](Status status) { puts.push_back(status.error().code); });
  }
  REQUIRE(fixture.until([&] { return fixture.broker.held() == 10; }));
  fixture.broker.stop();
  fixture.broker.options().hold_answers = false;
  fixture.broker.start();
  REQUIRE(cache.flush(fixture.patience()));
  CHECK(got == std::vector<std::string>(5, "v"));
  CHECK(puts == std::vector(5, Errc::outcome_unknown));
  CHECK(fixture.broker.cache_requests == 15);
}
