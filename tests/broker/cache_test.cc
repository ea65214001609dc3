#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "broker/running_broker.h"
#include "client/cache_client.h"

using namespace felix;
using namespace felix::test;

namespace {

flow::Slice value(std::string_view text) { return flow::Slice::copy_of(as_bytes(text)); }

std::optional<std::string> get(client::CacheClient& cache, const std::string& key) {
  const auto entry = cache.get_and_wait({"", "primary", key});
  if (!entry) FAIL(to_string(entry.error()));
  if (!entry->value) return std::nullopt;
  return std::string(as_text(entry->value->bytes()));
}

}  // namespace

TEST_CASE("put, get, overwrite, delete and expire") {
  RunningBroker broker(GENERATE(1u, 2u, 4u));
  TestClient at(broker);
  REQUIRE(at.session->connect());
  client::CacheClient cache(*at.session, {});
  CHECK(get(cache, "k") == std::nullopt);
  REQUIRE(cache.put_and_wait({"", "primary", "k"}, value("one"), std::nullopt));
  CHECK(get(cache, "k") == "one");
  REQUIRE(cache.put_and_wait({"", "primary", "k"}, value(""), std::nullopt));
  CHECK(get(cache, "k") == "");
  REQUIRE(cache.remove_and_wait({"", "primary", "k"}));
  CHECK(get(cache, "k") == std::nullopt);
  REQUIRE(cache.put_and_wait({"", "primary", "gone"}, value("x"), 0));
  CHECK(get(cache, "gone") == std::nullopt);
  REQUIRE(cache.put_and_wait({"", "primary", "brief"}, value("x"), 20));
  at.loop->run_until([] { return false; }, broker.clock().now() + std::chrono::milliseconds(40));
  CHECK(get(cache, "brief") == std::nullopt);
}

TEST_CASE("thousands of requests in flight each get their own answer") {
  RunningBroker broker(GENERATE(1u, 2u, 4u));
  TestClient at(broker);
  REQUIRE(at.session->connect());
  client::CacheClient cache(*at.session, {.channels = 4});
  int put = 0, right = 0;
  for (int i = 0; i < 3000; ++i)
    cache.put({"", "c" + std::to_string(i % 5), std::to_string(i)}, value("v" + std::to_string(i)),
              std::nullopt, [&](Status status) { put += status.has_value(); });
  for (int i = 0; i < 3000; ++i)
    cache.get({"", "c" + std::to_string(i % 5), std::to_string(i)}, [&, i](auto entry) {
      right += entry && entry->value && as_text(entry->value->bytes()) == "v" + std::to_string(i);
    });
  REQUIRE(cache.flush());
  CHECK(put == 3000);
  CHECK(right == 3000);
}

TEST_CASE("a token without cache.write reads and does not write") {
  RunningBroker broker(GENERATE(1u, 2u, 4u));
  TestClient at(broker, broker.token({"cache.read:cache:default/default/*"}));
  REQUIRE(at.session->connect());
  client::CacheClient cache(*at.session, {});
  CHECK(get(cache, "k") == std::nullopt);
  const Status refused = cache.put_and_wait({"", "primary", "k"}, value("x"), std::nullopt);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::forbidden);
}
