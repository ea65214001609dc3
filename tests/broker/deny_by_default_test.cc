// Every request a client can make, by every bearer who may not make it, and by one who may (wire protocol
// sections 5.2 and 5.3).

#include <functional>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "broker/raw_client.h"
#include "wire/features.h"

using namespace felix;
using namespace felix::test;

namespace {

constexpr const char* kCoded = R"(,"client_flags":63,"client_features":2048)";

std::string json_request(std::string_view type, std::string_view more) {
  return json_frame(R"({"type":")" + std::string(type) + R"(","tenant_id":"default","namespace":"default",)" +
                    std::string(more) + "}");
}

// What a request needs, how it is asked, and what a refusal and a success look like.
struct Request {
  std::string name;
  std::string grant;
  // Grants that come near, and must not do.
  std::vector<std::string> near_misses;
  std::string frame;
  std::function<bool(const RawFrame&)> refused;
  std::function<bool(const RawFrame&)> served;
};

bool says(const RawFrame& answer, std::string_view text) {
  return answer.text.find(text) != std::string::npos;
}

std::vector<Request> requests() {
  const auto json_forbidden = [](const RawFrame& a) {
    return a.flags == 0 && says(a, R"("message":"forbidden","code":"forbidden")");
  };
  const auto ack_forbidden = [](const RawFrame& a) {
    return a.flags == 0x0010 && ack_of(a).status == 1 && ack_of(a).message == "forbidden";
  };
  const auto type = [](std::string_view wanted) {
    return [wanted = R"({"type":")" + std::string(wanted) + R"(")"](const RawFrame& a) {
      return a.text.starts_with(wanted);
    };
  };
  const std::string publish = "stream.publish:stream:default/default/s";
  const std::string subscribe_grant = "stream.subscribe:stream:default/default/s";
  const std::string read = "cache.read:cache:default/default/c";
  const std::string write = "cache.write:cache:default/default/c";
  const std::vector<std::string> not_publish = {subscribe_grant,
                                                "stream.publish:stream:default/default/other",
                                                "stream.publish:stream:default/other/*",
                                                "stream.publish:stream:other/default/s",
                                                "cache.write:cache:default/default/s",
                                                "ns.manage:namespace:default/other"};
  const std::vector<std::string> not_read = {
      write, "cache.read:cache:default/default/other", "cache.read:cache:default/default/c/other",
      "cache.read:cache:other/default/c", "ns.manage:namespace:other/default"};
  const std::vector<std::string> not_write = {read, "cache.write:cache:default/default/other",
                                              "cache.write:cache:default/default/c/k2",
                                              "cache.write:cache:other/default/c"};
  return {
      {"publish", publish, not_publish,
       json_request("publish", R"("stream":"s","payload":"AA==","request_id":1)"), json_forbidden,
       type("publish_ok")},
      {"publish_batch", publish, not_publish,
       json_request("publish_batch", R"("stream":"s","payloads":["AA=="],"request_id":1)"), json_forbidden,
       type("publish_ok")},
      {"binary publish", publish, not_publish, acked(1, "s", {"x"}), ack_forbidden,
       [](const RawFrame& a) { return a.flags == 0x0010 && ack_of(a).status == 0; }},
      {"subscribe",
       subscribe_grant,
       {publish, "stream.subscribe:stream:default/default/other", "stream.subscribe:stream:other/default/s",
        "group.consume:group:default/default/s/g"},
       subscribe("s"),
       json_forbidden,
       type("subscribed")},
      {"cache_get", read, not_read, cache_get("c", "k", with_id(1)), json_forbidden, type("cache_value")},
      {"cache_put", write, not_write, cache_put("c", "k", "AA==", with_id(1)), json_forbidden,
       type("cache_ok")},
      {"cache_delete", write, not_write,
       json_request("cache_delete", R"("cache":"c","key":"k","request_id":1)"), json_forbidden,
       type("cache_ok")},
  };
}

RawFrame ask(RawClient& client, const std::string& token, const std::string& request) {
  RawChannel& channel = client.open();
  channel.write(auth(token, kCoded));
  REQUIRE(channel.next().text.starts_with(R"({"type":"auth_ok")"));
  channel.write(request);
  return channel.next();
}

}  // namespace

TEST_CASE("every request is refused to whoever has not the very grant for it", "[L-87]") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  for (const Request& request : requests()) {
    CAPTURE(request.name);
    CHECK(request.refused(ask(client, broker.token({}), request.frame)));
    for (const std::string& near : request.near_misses) {
      CAPTURE(near);
      CHECK(request.refused(ask(client, broker.token({near}), request.frame)));
    }
    CHECK(request.served(ask(client, broker.token({request.grant}), request.frame)));
  }
}

TEST_CASE("no request is answered to whoever does not prove who he is", "[L-87]") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  const std::vector<std::string> everything = {"tenant.manage:tenant:default", "tenant.manage:tenant:other"};
  struct Bearer {
    std::string name;
    std::string token;
    std::string tenant = "default";
  };
  const Bearer bearers[] = {
      {"no token", ""},
      {"another tenant's token", broker.token(everything, "other")},
      {"a token of ours for another tenant", broker.token(everything), "other"},
      {"a token for another audience",
       broker.token(everything, "default", 600, "p:test", {}, "felix-controlplane")},
      {"expired", broker.token(everything, "default", -61)},
  };
  for (const Request& request : requests()) {
    for (const Bearer& bearer : bearers) {
      CAPTURE(request.name, bearer.name);
      RawChannel& channel = client.open();
      channel.write(auth(bearer.token, kCoded, bearer.tenant) + request.frame);
      const auto heard = channel.rest();
      REQUIRE(heard.size() == 1);
      CHECK(heard.front().text ==
            R"({"type":"error","message":"auth failed","code":"unauthenticated","retry":"fatal"})");
    }
    CAPTURE(request.name);
    RawChannel& silent = client.open();
    silent.write(request.frame);
    CHECK(silent.next().text.find("auth required") != std::string::npos);
  }
  CHECK(broker.metric("felix_published_records_total") == 0);
  CHECK(broker.metric("felix_cache_requests_total") == 0);
}

TEST_CASE("a good token of one tenant opens nothing of another", "[L-87]") {
  RunningBroker broker(GENERATE(1u, 2u));
  RawClient client(broker);
  const std::string token = broker.token({"tenant.manage:tenant:default", "tenant.manage:tenant:other"});
  for (const Request& request : requests()) {
    if (request.frame.find("tenant_id") == std::string::npos) continue;
    CAPTURE(request.name);
    std::string foreign = request.frame.substr(12);
    const std::string ours = R"("tenant_id":"default")";
    foreign.replace(foreign.find(ours), ours.size(), R"("tenant_id":"other")");
    CHECK(says(ask(client, token, json_frame(foreign)), "tenant mismatch"));
  }
}
