// Our binary encoding of cache requests, byte for byte (docs/PROTOCOL.md, "Binary cache").

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "broker/raw_client.h"
#include "wire/features.h"

using namespace felix;
using namespace felix::test;

namespace {

// What a client offers that reads binary cache frames and nothing else of the second word.
constexpr const char* kOffer =
    R"(,"client_flags":63,"client_features":2147483652,"client_features_hi":2147483648)";
constexpr unsigned kBinary = 0x8000;

std::string text(std::string_view value) { return be(value.size(), 2) + std::string(value); }

std::string names(std::string_view cache, std::string_view key) {
  return text("default") + text(cache) + text(key);
}
std::string get(std::uint64_t id, std::string_view cache, std::string_view key) {
  return frame(kBinary, be(1, 1) + be(0, 1) + be(id, 8) + names(cache, key));
}
std::string put(std::uint64_t id, std::string_view cache, std::string_view key, std::string_view value) {
  return frame(kBinary, be(2, 1) + be(0, 1) + be(id, 8) + names(cache, key) + std::string(value));
}
std::string put_for(std::uint64_t id, std::string_view cache, std::string_view key, std::uint64_t ttl_ms) {
  return frame(kBinary, be(2, 1) + be(1, 1) + be(id, 8) + be(ttl_ms, 8) + names(cache, key) + "v");
}
std::string erase(std::uint64_t id, std::string_view cache, std::string_view key) {
  return frame(kBinary, be(3, 1) + be(0, 1) + be(id, 8) + names(cache, key));
}

std::string done(std::uint64_t id) { return be(1, 1) + be(0, 1) + be(id, 8); }
std::string value(std::uint64_t id, std::string_view bytes) {
  return be(2, 1) + be(0, 1) + be(id, 8) + std::string(bytes);
}
std::string absent(std::uint64_t id) { return be(3, 1) + be(0, 1) + be(id, 8); }
std::string refused(std::uint64_t id, std::uint64_t code, std::uint64_t retry, std::string_view message) {
  return be(4, 1) + be(0, 1) + be(id, 8) + be(code, 2) + be(retry, 1) + text(message);
}

// The next frame, which must be a binary one.
std::string binary(RawChannel& channel) {
  const RawFrame received = channel.next();
  INFO(received.text);
  CHECK(received.flags == kBinary);
  return received.text;
}

std::string auth_answer(RawClient& client, std::string_view more) {
  RawChannel& channel = client.open();
  channel.write(auth(client.token(), more));
  return channel.next().text;
}

std::string auth_ok(const std::string& more) {
  return R"({"type":"auth_ok","server_flags":)" + std::to_string(wire::kServedFlags) + more + "}";
}

}  // namespace

TEST_CASE("binary cache is agreed upon with who offers it, and nobody else sees a second word") {
  RunningBroker broker(GENERATE(1u, 2u, 4u));
  RawClient client(broker);
  const auto features = [](std::uint32_t word) { return R"(,"server_features":)" + std::to_string(word); };
  CHECK(auth_answer(client, kOffer) == auth_ok(features(wire::kServedFeatures | wire::kFeatureExtended) +
                                               R"(,"server_features_hi":2147483648)"));
  // Bits of the second word that others define.
  CHECK(auth_answer(client, R"(,"client_flags":63,"client_features":2147483649,"client_features_hi":1)") ==
        auth_ok(features(wire::kServedFeatures)));
  // A second word that the first does not announce is not one.
  CHECK(auth_answer(client, R"(,"client_flags":63,"client_features":1,"client_features_hi":2147483648)") ==
        auth_ok(features(wire::kServedFeatures)));
  CHECK(auth_answer(client, R"(,"client_flags":63,"client_features_hi":2147483648)") == auth_ok(""));
  CHECK(auth_answer(client, "") == R"({"type":"ok"})");
  // More than ours beside it: only what both know is repeated.
  CHECK(auth_answer(client,
                    R"(,"client_flags":63,"client_features":4294967295,"client_features_hi":4294967295)") ==
        auth_ok(features(wire::kServedFeatures | wire::kGrantedFeatures | wire::kFeatureExtended) +
                R"(,"server_features_hi":2147483648,"publish_window":256)"));
}

TEST_CASE("a binary cache frame that was not agreed upon is refused as ever, and the channel goes on") {
  RunningBroker broker(GENERATE(1u, 2u, 4u));
  RawClient client(broker);
  for (const char* offer : {R"(,"client_flags":65535)",
                            R"(,"client_flags":63,"client_features":2147483649,"client_features_hi":1)"}) {
    RawChannel& channel = client.open_authenticated(offer);
    channel.write(get(1, "c", "k") + cache_get("c", "k", with_id(2)));
    CHECK(channel.next().text == R"({"type":"error","message":"unsupported frame flags"})");
    CHECK(channel.next().text.starts_with(R"({"type":"cache_value")"));
  }
}

TEST_CASE("put, get, overwrite, delete and miss in binary") {
  RunningBroker broker(GENERATE(1u, 2u, 4u));
  RawClient client(broker);
  for (const char* cache : {"a", "b"}) {
    RawChannel& channel = client.open_authenticated(kOffer);
    channel.write(get(1, cache, "k") + put(2, cache, "k", "one") + get(3, cache, "k") +
                  put(4, cache, "k", "") + get(5, cache, "k") + erase(6, cache, "k") + get(7, cache, "k") +
                  erase(8, cache, "k") + put_for(9, cache, "k", 0) + get(10, cache, "k") +
                  put_for(11, cache, "k", UINT64_MAX) + get(UINT64_MAX, cache, "k"));
    CHECK(binary(channel) == absent(1));
    CHECK(binary(channel) == done(2));
    CHECK(binary(channel) == value(3, "one"));
    CHECK(binary(channel) == done(4));
    CHECK(binary(channel) == value(5, ""));
    CHECK(binary(channel) == done(6));
    CHECK(binary(channel) == absent(7));
    CHECK(binary(channel) == done(8));
    CHECK(binary(channel) == done(9));
    CHECK(binary(channel) == absent(10));
    CHECK(binary(channel) == done(11));
    CHECK(binary(channel) == value(UINT64_MAX, "v"));
  }
}

TEST_CASE("both encodings reach the same entries, and answers keep the order of requests") {
  RunningBroker broker(GENERATE(1u, 2u, 4u));
  RawClient client(broker);
  RawChannel& channel = client.open_authenticated(kOffer);
  std::string all;
  for (const std::string cache : {"a", "b", "c"})
    all += put(1, cache, "k", "v1") + cache_get(cache, "k", with_id(2)) + acked(3, "s", {"x"}) +
           cache_put(cache, "k", "djI=", with_id(4)) + get(5, cache, "k") + acked(6, "t", {"x"});
  channel.write(all);
  for (const std::string cache : {"a", "b", "c"}) {
    CHECK(binary(channel) == done(1));
    CHECK(channel.next().text ==
          R"({"type":"cache_value","tenant_id":"default","namespace":"default","cache":")" + cache +
              R"(","key":"k","value":"djE=","request_id":2})");
    CHECK(ack_of(channel.next()).request_id == 3);
    CHECK(channel.next().text == R"({"type":"cache_ok","request_id":4})");
    CHECK(binary(channel) == value(5, "v2"));
    CHECK(ack_of(channel.next()).request_id == 6);
  }
}

TEST_CASE("values of every size come back, small ones joined and large ones by reference") {
  RunningBroker broker(GENERATE(1u, 2u, 4u));
  RawClient client(broker);
  RawChannel& channel = client.open_authenticated(kOffer);
  const std::vector<std::size_t> sizes{0, 1, 30, 511, 512, 513, 4096, 70'000, 1'000'000};
  for (const char* cache : {"a", "b"}) {
    std::string all;
    for (const std::size_t size : sizes)
      all += put(1, cache, "k" + std::to_string(size), std::string(size, 'v'));
    for (int round = 0; round < 2; ++round)
      for (const std::size_t size : sizes) all += get(size, cache, "k" + std::to_string(size));
    channel.write(all);
    for (std::size_t i = 0; i < sizes.size(); ++i) CHECK(binary(channel) == done(1));
    for (int round = 0; round < 2; ++round)
      for (const std::size_t size : sizes) CHECK((binary(channel) == value(size, std::string(size, 'v'))));
  }
}

TEST_CASE("a binary refusal names its request, and the channel goes on") {
  broker::ServerOptions options;
  options.reactor.create_on_use = false;
  options.reactor.max_frame_bytes = 1 << 20;
  RunningBroker broker(GENERATE(1u, 2u, 4u), std::move(options));
  RawClient client(broker);
  RawChannel& channel = client.open_authenticated(kOffer);
  channel.write(get(1, "none", "k") + put(2, "none", "k", "v") +
                put(3, "none", "k", std::string(900'000, 'v')) + get(4, "none", "k"));
  const std::string text = "cache scope not found: default/default/none";
  CHECK(binary(channel) == refused(1, 3, 2, text));
  CHECK(binary(channel) == refused(2, 3, 2, text));
  // JSON could not carry it back.
  CHECK(binary(channel) == refused(3, 11, 5, "value too large for a JSON frame"));
  CHECK(binary(channel) == refused(4, 3, 2, text));
  CHECK(broker.metric("felix_cache_requests_total{op=\"any\",result=\"error\"}") == 4);
}

TEST_CASE("a binary request without its grant is refused by name") {
  RunningBroker broker(GENERATE(1u, 2u, 4u));
  RawClient client(broker);
  RawChannel& channel = client.open();
  channel.write(auth(broker.token({"cache.read:cache:default/default/*"}), kOffer));
  channel.next();
  channel.write(put(1, "c", "k", "v") + erase(2, "c", "k") + get(3, "c", "k"));
  CHECK(binary(channel) == refused(1, 2, 5, "forbidden"));
  CHECK(binary(channel) == refused(2, 2, 5, "forbidden"));
  CHECK(binary(channel) == absent(3));
}

TEST_CASE("a cache request of another channel's last cache is not taken for it") {
  RunningBroker broker(GENERATE(1u, 2u, 4u));
  RawClient client(broker);
  RawChannel& channel = client.open_authenticated(kOffer);
  const auto in = [](std::string_view ns, std::uint64_t id) {
    return frame(kBinary, be(1, 1) + be(0, 1) + be(id, 8) + text(ns) + text("c") + text("k"));
  };
  channel.write(put(1, "c", "k", "here") + put(2, "d", "k", "there") + get(3, "c", "k") + get(4, "d", "k") +
                in("elsewhere", 5) + get(6, "c", "k"));
  CHECK(binary(channel) == done(1));
  CHECK(binary(channel) == done(2));
  CHECK(binary(channel) == value(3, "here"));
  CHECK(binary(channel) == value(4, "there"));
  CHECK(binary(channel) == absent(5));
  CHECK(binary(channel) == value(6, "here"));
}

TEST_CASE("a binary cache frame that does not parse ends its channel behind the answers owed") {
  RunningBroker broker(GENERATE(1u, 2u, 4u));
  RawClient client(broker);
  const std::string good = get(1, "c", "k");
  for (const std::string& bad :
       {frame(kBinary, ""), frame(kBinary, good.substr(12, 9)), frame(kBinary, good.substr(12) + "v"),
        frame(kBinary, be(9, 1) + good.substr(13)),
        frame(kBinary, good.substr(12, good.size() - 13) + "\xff")}) {
    RawChannel& channel = client.open_authenticated(kOffer);
    channel.write(good + bad + good);
    CHECK(binary(channel) == absent(1));
    CHECK(channel.rest().empty());
  }
  RawChannel& after = client.open_authenticated(kOffer);
  after.write(good);
  CHECK(binary(after) == absent(1));
}

TEST_CASE("a publish-only channel that asks a cache in binary ends") {
  RunningBroker broker(GENERATE(1u, 2u, 4u));
  RawClient client(broker);
  RawChannel& channel = client.open_uni();
  channel.write(auth(client.token(), kOffer) + put(1, "c", "k", "v"));
  client.until([&] {
    channel.write(frame(0x0001, batch("s", {"late"})));
    return channel.peer_stopped() || channel.closed();
  });
  RawChannel& reader = client.open_authenticated(kOffer);
  reader.write(get(1, "c", "k"));
  CHECK(binary(reader) == absent(1));
}
