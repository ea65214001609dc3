// Publishers over the budget: paced, or shed and told (wire protocol sections 8.1 and 9).

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "broker/raw_client.h"
#include "broker/stuck_reader.h"
#include "wire/ack_codec.h"

using namespace felix;
using namespace felix::test;

namespace {

constexpr std::string_view kEverything = R"(,"client_flags":5759,"client_features":2048)";

// Besides what holds the reader up.
double published(const RunningBroker& broker) {
  return broker.metric("felix_published_records_total") - StuckReader::kFill;
}

// A channel's publishes reach the budget after some; the reactors' is out of reach.
broker::ServerOptions small_budget(bool shed) {
  broker::ServerOptions options = blocking_options();
  options.reactor.channel_publish_bytes = 100'000;
  options.reactor.shed_publishes = shed;
  return options;
}

std::string unacked(std::string_view stream, const std::vector<std::string>& payloads) {
  return frame(0x0001, batch(stream, payloads));
}

// "000007" and padding, so that order can be seen.
std::string numbered(std::size_t number, std::size_t bytes) {
  std::string digits = std::to_string(number);
  return std::string(6 - digits.size(), '0') + digits + std::string(bytes - 6, '.');
}

void check_in_order(const std::vector<std::string>& heard) {
  for (std::size_t i = 0; i < heard.size(); ++i) REQUIRE(heard[i].substr(0, 6) == numbered(i, 6));
}

}  // namespace

TEST_CASE("paced publishers that ask for no answer lose nothing, however long the reader takes", "[L-21]") {
  RunningBroker broker(GENERATE(1u, 2u), small_budget(false));
  RawClient client(broker);
  StuckReader reader(broker, "s");
  RawChannel& publisher = client.open_authenticated();
  constexpr std::size_t kRecords = 400;  // 1.6 MB
  for (std::size_t i = 0; i < kRecords; ++i) publisher.write(unacked("s", {numbered(i, 4000)}));
  client.until([&] { return broker.metric("felix_broker_ingress_waited_total") > 0; });
  client.within(std::chrono::milliseconds(300), [] { return false; });
  CHECK(published(broker) < kRecords);
  reader.read_again();
  reader.until(client, [&] { return reader.heard().size() == kRecords; });
  check_in_order(reader.heard());
  CHECK(broker.metric("felix_publish_requests_total{result=\"dropped\"}") == 0);
}

TEST_CASE(
    "a shed publish that asked for an answer is refused with code, reason and wait, and nothing of it "
    "stays") {
  RunningBroker broker(GENERATE(1u, 2u), small_budget(true));
  RawClient client(broker);
  StuckReader reader(broker, "s");
  RawChannel& publisher = client.open_authenticated(kEverything);
  constexpr std::size_t kRecords = 200;
  const bool json = GENERATE(false, true);
  for (std::size_t i = 0; i < kRecords; ++i) {
    publisher.write(
        json
            ? json_frame(
                  R"({"type":"publish","tenant_id":"default","namespace":"default","stream":"s","payload":")" +
                  std::string(4000, 'A') + '"' + with_id(i) + '}')
            : acked(i, "s", {std::string(4000, 'x')}));
  }
  client.until(
      [&] { return published(broker) + broker.metric("felix_broker_ingress_rejected_total") == kRecords; });
  const auto appended = static_cast<std::size_t>(published(broker));
  CHECK(appended < kRecords);
  // Refusals wait for their turn behind what is withheld.
  reader.read_again();
  std::size_t refused = 0;
  for (std::size_t i = 0; i < kRecords; ++i) {
    reader.until(client, [&] { return publisher.waiting() > 0; });
    const RawFrame answer = publisher.next();
    if (json) {
      if (answer.text.starts_with(R"({"type":"publish_ok","request_id":)" + std::to_string(i) + ','))
        continue;
      CHECK(answer.text == R"({"type":"publish_error","request_id":)" + std::to_string(i) +
                               R"(,"message":"publish queue full","code":"overloaded","retry":"retry_after",)"
                               R"("detail":{"reason":"publish_queue_full","retry_after_ms":100}})");
    } else {
      const auto ack = wire::parse_publish_ack(answer.flags, as_bytes(answer.text));
      REQUIRE(ack);
      REQUIRE(ack->request_id.value == i);
      if (ack->ok) continue;
      CHECK(answer.flags == 0x0610);
      CHECK(ack->message == "publish queue full");
      REQUIRE(ack->info);
      CHECK(ack->info->code == 10);
      CHECK(ack->info->retry == RetryClass::retry_after);
      CHECK(ack->info->reason == "publish_queue_full");
      CHECK(ack->info->retry_after_ms == 100);
    }
    ++refused;
  }
  CHECK(refused == kRecords - appended);
  reader.until(client, [&] { return reader.heard().size() == appended; });
  // With room again, publishes are taken again.
  publisher.write(acked(1, "s", {"after"}));
  reader.until(client, [&] { return publisher.waiting() > 0; });
  CHECK(ack_of(publisher.next()).status == 0);
}

TEST_CASE("shed publishes that ask for no answer are dropped and counted, one by one") {
  RunningBroker broker(GENERATE(1u, 2u), small_budget(true));
  RawClient client(broker);
  StuckReader reader(broker, "s");
  RawChannel& publisher = client.open_authenticated();
  constexpr std::size_t kRecords = 5000;
  // Large ones reach the bound of bytes, small ones that of places.
  const std::size_t bytes = GENERATE(std::size_t{4000}, std::size_t{10});
  for (std::size_t i = 0; i < kRecords; ++i) publisher.write(unacked("s", {numbered(i, bytes)}));
  const auto dropped = [&] { return broker.metric("felix_broker_ingress_dropped_total"); };
  client.until([&] { return published(broker) + dropped() == kRecords; });
  CHECK(dropped() > 0);
  CHECK(broker.metric("felix_publish_requests_total{result=\"dropped\"}") == dropped());
  CHECK(broker.metric("felix_broker_ingress_waited_total") == 0);
  // The stream goes on, and everything that was appended is delivered, in order.
  reader.read_again();
  const auto appended = static_cast<std::size_t>(published(broker));
  reader.until(client, [&] { return reader.heard().size() == appended; });
  // What its publisher had under way is settled a moment after the reader has it.
  reader.until(client, [&] { return broker.metric("felix_inflight_requests") == 0; });
  publisher.write(acked(1, "other", {"x"}));
  CHECK(ack_of(publisher.next()).status == 0);
}

TEST_CASE("a publisher whose refusals wait is read no further than their bound") {
  broker::ServerOptions options = small_budget(true);
  options.reactor.answer_items = 64;
  RunningBroker broker(GENERATE(1u, 2u), std::move(options));
  RawClient client(broker);
  StuckReader reader(broker, "s");
  RawChannel& publisher = client.open_authenticated();
  for (std::size_t i = 0; i < 2000; ++i) publisher.write(acked(i, "s", {numbered(i, 4000)}));
  client.until([&] { return broker.metric("felix_backpressure_pauses_total") > 0; });
  client.within(std::chrono::milliseconds(100), [] { return false; });
  CHECK(published(broker) + broker.metric("felix_broker_ingress_rejected_total") <= 65);
  reader.read_again();
  for (std::size_t i = 0; i < 2000; ++i) {
    reader.until(client, [&] { return publisher.waiting() > 0; });
    CHECK(ack_of(publisher.next()).request_id == i);
  }
}

TEST_CASE("who publishes to a stream that is held up holds up nobody who publishes to others", "[L-26]") {
  broker::ServerOptions options = blocking_options();
  // All of the broker's budget is used up by those who wait.
  options.reactor.reactor_publish_bytes = 200'000;
  RunningBroker broker(GENERATE(1u, 2u), std::move(options));
  RawClient client(broker), other_client(broker);
  StuckReader reader(broker, "stuck");
  std::vector<RawChannel*> waiting;
  for (int i = 0; i < 3; ++i) {
    waiting.push_back(&client.open_authenticated());
    for (std::uint64_t k = 0; k < 100; ++k)
      waiting.back()->write(acked(k, "stuck", {std::string(4000, 'x')}));
  }
  client.until([&] { return broker.metric("felix_broker_ingress_waited_total") > 0; });
  // On another QUIC stream of the same connection, and on another connection; every stream of Felix.
  for (RawClient* where : {&client, &other_client}) {
    RawChannel& channel = where->open_authenticated();
    for (std::uint64_t k = 0; k < 300; ++k)
      channel.write(acked(k, "free" + std::to_string(k % 5), {std::string(1000, 'y')}));
    for (std::uint64_t k = 0; k < 300; ++k) CHECK(ack_of(channel.next()).request_id == k);
  }
  reader.read_again();
  for (RawChannel* channel : waiting) {
    for (std::uint64_t k = 0; k < 100; ++k) {
      reader.until(client, [&] { return channel->waiting() > 0; });
      CHECK(ack_of(channel->next()).request_id == k);
    }
  }
}

TEST_CASE("a connection that goes while its acks are outstanding leaves nothing behind but its records") {
  RunningBroker broker(GENERATE(1u, 2u), blocking_options());
  StuckReader reader(broker, "s");
  const bool politely = GENERATE(false, true);
  {
    RawClient client(broker);
    RawChannel& publisher = client.open_authenticated();
    for (std::size_t i = 0; i < 50; ++i) publisher.write(acked(i, "s", {numbered(i, 100)}));
    client.until([&] { return published(broker) == 50; });
    CHECK(publisher.waiting() == 0);
    if (politely) {
      client.close();
    } else {
      publisher.reset();
      client.turn();
    }
  }
  reader.read_again();
  RawClient other(broker);
  reader.until(other, [&] { return reader.heard().size() == 50; });
  check_in_order(reader.heard());
  RawChannel& channel = other.open_authenticated();
  channel.write(acked(7, "s", {"after"}));
  reader.until(other, [&] { return channel.waiting() > 0; });
  CHECK(ack_of(channel.next()).status == 0);
  reader.until(other, [&] { return broker.metric("felix_inflight_requests") == 0; });
}
