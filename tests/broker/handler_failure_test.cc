// A defect in one handler, played by an allocation that fails in the middle of it: its stream ends, or its
// request is refused, and everybody else goes on.

#include <functional>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "broker/failing_allocation.h"
#include "broker/traffic.h"
#include "wire/features.h"

using namespace felix;
using namespace felix::test;

namespace {

// A name whose copies are told apart by their size.
constexpr std::size_t kNameBytes = 241;
const std::string kName(kNameBytes, 'n');

struct Victim {
  std::string name;
  std::function<void(RawClient&, RawChannel*&)> prepare;  // opens the channel; what comes before the failure
  std::string request;
  std::size_t least_bytes = kNameBytes;
  std::size_t most_bytes = kNameBytes + 1;
};

void authenticate(RawClient& client, RawChannel*& channel) { channel = &client.open_authenticated(); }

std::string json_request(std::string_view type, std::string_view more) {
  return json_frame(R"({"type":")" + std::string(type) + R"(","tenant_id":"default","namespace":"default",)" +
                    std::string(more) + "}");
}

std::vector<Victim> victims() {
  const std::string stream = R"("stream":")" + kName + '"';
  const std::string value(3000, 'A');  // base64 of 2,250 bytes
  return {
      {"auth", [](RawClient& client, RawChannel*& channel) { channel = &client.open(); },
       auth("x.y.z", R"(,"client_flags":63)", kName)},
      {"publish", authenticate, json_request("publish", stream + R"(,"payload":"AA==","request_id":1)")},
      {"publish_batch", authenticate,
       json_request("publish_batch", stream + R"(,"payloads":["AA=="],"request_id":1)")},
      {"binary publish", authenticate, acked(1, kName, {"x"})},
      {"subscribe", authenticate, subscribe(kName)},
      {"cache_get", authenticate, cache_get(kName, "k", with_id(1))},
      {"cache_get by key", authenticate, cache_get("c", kName, with_id(1))},
      {"cache_put", authenticate, cache_put("c", kName, "AA==", with_id(1))},
      {"cache_delete", authenticate,
       json_request("cache_delete", R"("cache":"c","key":")" + kName + R"(","request_id":1)")},
      // In the answer, behind an outcome that may come from another reactor.
      {"the answer to cache_get",
       [value](RawClient& client, RawChannel*& channel) {
         authenticate(client, channel);
         channel->write(cache_put("c", "large", value, with_id(1)));
         CHECK(channel->next().text == R"({"type":"cache_ok","request_id":1})");
       },
       cache_get("c", "large", with_id(2)), value.size(), value.size() + 200},
  };
}

}  // namespace

TEST_CASE("a handler that fails ends one stream: its connection, its neighbours and all others go on",
          "[L-90]") {
  RunningBroker broker(GENERATE(1u, 2u));
  Listener listener(broker);
  Pump pump(broker, "p");
  RawClient client(broker);
  RawChannel& neighbour = client.open_authenticated();
  RawChannel& events = subscribed(client, "s");
  const auto go_on = [&](const std::function<bool()>& done) {
    client.until([&] {
      pump.turn();
      listener.turn();
      while (events.waiting() > 0) events.next();
      return done();
    });
  };
  double failures = 0;
  std::uint64_t asked = 0;
  for (const Victim& victim : victims()) {
    CAPTURE(victim.name);
    RawChannel* channel = nullptr;
    victim.prepare(client, channel);
    fail_allocation(victim.least_bytes, victim.most_bytes);
    channel->write(victim.request);
    go_on([&] { return channel->ended() || channel->waiting() > 0; });
    CHECK(take_back_allocation_failure());
    CHECK(channel->was_reset());
    CHECK(channel->reset_code() == 13);
    CHECK(broker.metric("felix_handler_failures_total") == ++failures);
    neighbour.write(acked(++asked, "s", {"n " + std::to_string(asked)}));
    CHECK(ack_of(neighbour.next()).status == 0);
    // The same again, without the defect, is served.
    RawChannel* again = nullptr;
    victim.prepare(client, again);
    again->write(victim.request);
    CHECK_FALSE(again->next().text.empty());
    const std::uint64_t before = pump.answered;
    go_on([&] { return pump.answered > before + 20; });
    CHECK_FALSE(client.closed());
  }
  client.until([&] {
    listener.turn();
    return pump.settle() && listener.heard_of(pump).size() == pump.acknowledged.size();
  });
  CHECK(pump.acknowledged.size() == pump.answered);
  listener.check_has_all_of(pump);
  client.until([&] { return broker.metric("felix_inflight_requests") == 0; });
}
