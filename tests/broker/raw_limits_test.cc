// Clients that take too much, or nothing (wire protocol sections 8.4, 10 and 12).

#include <fstream>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "broker/raw_client.h"

using namespace felix;
using namespace felix::test;

namespace {

// Memory of this process in use, in bytes.
std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * 4096;
}

transport::TransportConfig window(std::uint64_t stream_bytes) {
  transport::TransportConfig config;
  config.stream_window_bytes = stream_bytes;
  return config;
}

}  // namespace

TEST_CASE("a client that reads no answers is not read any more, and loses the stream after a while") {
  broker::ServerOptions options;
  options.reactor.answer_bytes = 64 * 1024;
  options.reactor.answer_stall_timeout = std::chrono::milliseconds(300);
  options.reactor.transport.stream_window_bytes = 256 * 1024;
  RunningBroker broker(GENERATE(1u, 2u), std::move(options));
  RawClient client(broker, window(16 * 1024));
  RawChannel& healthy = client.open_authenticated();
  RawChannel& stuck = client.open_authenticated();
  stuck.stop_consuming();
  std::string talk;
  for (std::uint64_t i = 0; i < 1000; ++i) talk += cache_get("c" + std::to_string(i % 2), "k", with_id(i));
  for (int i = 0; i < 20; ++i) stuck.write(talk);  // 2.5 MB of requests
  client.until([&] { return broker.metric("felix_backpressure_pauses_total") > 0; });
  healthy.write(acked(1, "s", {"x"}));
  CHECK(ack_of(healthy.next()).status == 0);
  // The window closes behind what the broker does not read.
  CHECK(stuck.unsent_bytes() > talk.size());
  client.until([&] { return stuck.was_reset() || stuck.closed(); });
  healthy.write(acked(2, "s", {"x"}));
  CHECK(ack_of(healthy.next()).status == 0);
}

TEST_CASE("many answers of a large value do not fill the memory before they are sent") {
  broker::ServerOptions options;
  RunningBroker broker(GENERATE(1u, 2u), std::move(options));
  RawClient client(broker, window(64 * 1024));
  const std::string value(4 << 20, 'A');
  for (const char* cache : {"a", "b"}) {
    RawChannel& put = client.open_authenticated();
    put.write(cache_put(cache, "k", value, with_id(1)));
    CHECK(put.next().text == R"({"type":"cache_ok","request_id":1})");
  }
  client.until([&] { return broker.metric("felix_cache_entries") == 2; });
  const std::size_t before = resident_bytes();
  for (const char* cache : {"a", "b"}) {
    RawChannel& channel = client.open_authenticated();
    channel.stop_consuming();
    std::string talk;
    for (std::uint64_t i = 0; i < 100; ++i) talk += cache_get(cache, "k", with_id(i));  // 400 MB of answers
    channel.write(talk);
  }
  client.until([&] { return broker.metric("felix_backpressure_pauses_total") >= 2; });
  client.within(std::chrono::milliseconds(100), [] { return false; });
  const std::size_t after = resident_bytes();
  CHECK(after < before + (100u << 20));
}

TEST_CASE("a drain answers what was asked, closes with code 0, and lets nobody in") {
  RunningBroker broker(GENERATE(1u, 2u, 3u));
  RawClient client(broker), late(broker);
  RawChannel& channel = client.open_authenticated();
  RawChannel& parked = client.open_authenticated();
  constexpr std::uint64_t kRequests = 300;
  for (std::uint64_t i = 0; i < kRequests; ++i) channel.write(acked(i, "s" + std::to_string(i % 7), {"x"}));
  parked.write(acked(1, "created on use while the broker stops", {"x"}));
  // In the middle of it.
  client.until([&] { return broker.metric("felix_published_records_total") >= kRequests / 2; });
  broker.server().request_stop();
  std::uint64_t answered = 0;
  client.until([&] {
    late.turn();
    return client.closed().has_value();
  });
  for (const RawFrame& answer : channel.rest()) {
    const RawAck ack = ack_of(answer);
    CHECK(ack.request_id == answered++);
    CHECK(ack.status == 0);
  }
  // What the broker had not read when it was done is not answered; what it appended is.
  CHECK(answered >= kRequests / 2);
  const auto appended = static_cast<std::uint64_t>(broker.metric("felix_published_records_total"));
  CHECK(answered + parked.rest().size() == appended);
  CHECK(client.closed()->kind == transport::CloseReason::Kind::peer_application);
  CHECK(client.closed()->code == 0);
  CHECK(client.closed()->text == "broker shutting down");
  late.until([&] { return late.closed().has_value(); });
  CHECK(late.closed()->code == 0);
  CHECK(broker.stop() < std::chrono::seconds(3));
}

TEST_CASE("during a drain a new stream hears why it is not let in") {
  RunningBroker broker(1);  // a reactor waits for its own clients alone: these must be on the same
  RawClient holder(broker, window(16 * 1024)), client(broker);
  // Keeps the drain from being over: answers that nobody takes.
  RawChannel& stuck = holder.open_authenticated();
  stuck.stop_consuming();
  std::string talk;
  for (std::uint64_t i = 0; i < 500; ++i) talk += cache_get("c", "k", with_id(i));
  stuck.write(talk);
  holder.until([&] { return broker.metric("felix_cache_requests_total{op=\"get\"") == 500; });
  client.open_authenticated();
  broker.server().request_stop();
  // The reactor hears of the drain a moment after everybody else.
  std::unique_ptr<RawClient> refused;
  do {
    holder.turn();
    refused = std::make_unique<RawClient>(broker);
  } while (!refused->closed());
  CHECK(refused->closed()->kind == transport::CloseReason::Kind::refused);
  RawChannel& coded = client.open();
  coded.write(auth(client.token(), R"(,"client_flags":63,"client_features":2048)"));
  CHECK(coded.next().text ==
        R"({"type":"error","message":"broker shutting down","code":"draining","retry":"retry"})");
  CHECK(coded.rest().empty());
  stuck.consume_again();
  holder.until([&] {
    client.turn();
    return holder.closed().has_value();
  });
  CHECK(stuck.rest().size() == 500);
}

TEST_CASE("a drain ends inside its budget while publishers never pause") {
  RunningBroker broker(GENERATE(1u, 2u));
  std::vector<std::unique_ptr<RawClient>> clients;
  std::vector<RawChannel*> channels;
  for (int i = 0; i < 2; ++i) {
    clients.push_back(std::make_unique<RawClient>(broker));
    channels.push_back(&clients.back()->open_authenticated());
  }
  const auto keep_asking = [&] {
    bool all_closed = true;
    for (std::size_t i = 0; i < clients.size(); ++i) {
      for (std::uint64_t k = 0; k < 20; ++k) channels[i]->write(acked(k, "s" + std::to_string(k % 3), {"x"}));
      clients[i]->turn();
      all_closed &= clients[i]->closed().has_value();
    }
    return all_closed;
  };
  clients[0]->within(std::chrono::milliseconds(50), [&] { return keep_asking(); });
  const MonoTime began = broker.clock().now();
  broker.server().request_stop();
  clients[0]->until(keep_asking);
  CHECK(broker.stop() < std::chrono::seconds(5));
  CHECK(broker.clock().now() - began < std::chrono::seconds(5));
  for (const auto& client : clients) CHECK(client->closed()->text == "broker shutting down");
}
