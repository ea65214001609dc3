// Cache streams as the wire allows them (wire protocol section 8.3).

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "broker/raw_client.h"

using namespace felix;
using namespace felix::test;

TEST_CASE("a cache request without an id is answered and the last of its stream") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  for (const char* cache : {"a", "b", "c"}) {
    RawChannel& put = client.open_authenticated();
    put.write(cache_put(cache, "k", "djE=") + cache_get(cache, "k", with_id(1)));
    CHECK(put.next().text == R"({"type":"ok"})");
    CHECK(put.rest().empty());
    RawChannel& get = client.open_authenticated();
    get.write(cache_get(cache, "k") + cache_get(cache, "k", with_id(1)));
    CHECK(get.next().text ==
          R"({"type":"cache_value","tenant_id":"default","namespace":"default","cache":")" +
              std::string(cache) + R"(","key":"k","value":"djE="})");
    CHECK(get.rest().empty());
  }
  RawChannel& miss = client.open_authenticated();
  miss.write(cache_get("a", "missing"));
  CHECK(
      miss.next().text ==
      R"({"type":"cache_value","tenant_id":"default","namespace":"default","cache":"a","key":"missing","value":null})");
  CHECK(miss.rest().empty());
}

TEST_CASE("a value as large as a frame allows is kept and given back") {
  broker::ServerOptions options;
  options.reactor.max_frame_bytes = 4 << 20;
  RunningBroker broker(GENERATE(1u, 2u), std::move(options));
  RawClient client(broker);
  const std::string value(3 << 20, 'A');
  for (const char* cache : {"a", "b"}) {
    RawChannel& channel = client.open_authenticated();
    channel.write(cache_put(cache, "k", value, with_id(1)) + cache_get(cache, "k", with_id(2)));
    CHECK(channel.next().text == R"({"type":"cache_ok","request_id":1})");
    CHECK(channel.next().text.find(value) != std::string::npos);
  }
}

TEST_CASE("keys may be anything JSON can say") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  RawChannel& channel = client.open_authenticated();
  const std::string key = GENERATE(R"()", R"(a b)", R"(\u0000)", R"(\"\\/*:)", "\xc3\xa4");
  channel.write(cache_put("c", key, "djE=", with_id(1)) + cache_get("c", key, with_id(2)));
  CHECK(channel.next().text == R"({"type":"cache_ok","request_id":1})");
  const std::string answer = channel.next().text;
  CHECK(answer.find(R"("key":")" + key + R"(","value":"djE=")") != std::string::npos);
}
