// A code is decided once, where it is known, and says the same on every way a request can take.

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "broker/raw_client.h"
#include "broker/stuck_reader.h"
#include "wire/ack_codec.h"

using namespace felix;
using namespace felix::test;

namespace {

constexpr std::string_view kEverything = R"(,"client_flags":5759,"client_features":2048)";

std::string json_publish(std::string_view tenant, std::string_view stream, std::uint64_t id) {
  return json_frame(R"({"type":"publish","tenant_id":")" + std::string(tenant) +
                    R"(","namespace":"default","stream":")" + std::string(stream) + R"(","payload":"YQ==")" +
                    with_id(id) + '}');
}

std::string binary_publish(std::string_view tenant, std::string_view stream, std::uint64_t id) {
  const std::string plain = batch(stream, {"a"});
  return frame(0x0009, be(id, 8) + be(1, 1) + be(tenant.size(), 2) + std::string(tenant) + plain.substr(9));
}

// What was refused, in the words of one encoding.
struct Refusal {
  std::string message;
  std::string code;
  std::string retry;
  std::string reason;
  bool operator==(const Refusal&) const = default;
};

Refusal refusal_of(const RawFrame& frame) {
  if (frame.flags != 0) {
    const auto ack = wire::parse_publish_ack(frame.flags, as_bytes(frame.text));
    REQUIRE(ack);
    REQUIRE_FALSE(ack->ok);
    REQUIRE(ack->info);
    return {ack->message, ack->info->code_name, std::string(wire::retry_name(ack->info->retry)),
            ack->info->reason};
  }
  json::Reader reader;
  const auto message = wire::parse_server_message(as_bytes(frame.text), reader);
  REQUIRE(message);
  const auto* error = std::get_if<wire::PublishError>(&*message);
  REQUIRE(error != nullptr);
  REQUIRE(error->info);
  return {error->message, error->info->code_name, std::string(wire::retry_name(error->info->retry)),
          error->info->reason};
}

struct Row {
  std::string state;
  std::string tenant;
  std::string stream;  // and a digit, so that homes differ
  Refusal refusal;     // `message` holds before the digit
};

}  // namespace

TEST_CASE(
    "a refusal has the same code, class, reason and words in binary and JSON, wherever its stream is at home",
    "[L-35]") {
  broker::ServerOptions options = blocking_options();
  options.reactor.create_on_use = false;
  RunningBroker broker(GENERATE(1u, 2u, 4u), std::move(options));
  RawClient client(broker);
  std::vector<std::string> grants;
  for (int which = 0; which < 4; ++which)
    grants.push_back("stream.publish:stream:default/default/unknown" + std::to_string(which));
  const std::string token = broker.token(grants);
  const std::vector<Row> rows = {
      {"another tenant", "other", "known", {"tenant mismatch", "forbidden", "fatal", ""}},
      {"no grant", "default", "secret", {"forbidden", "forbidden", "fatal", ""}},
      {"no such stream",
       "default",
       "unknown",
       {"stream not found: tenant=default namespace=default stream=unknown", "not_found", "retry_after", ""}},
  };
  for (const Row& row : rows) {
    for (int which = 0; which < 4; ++which) {
      const std::string stream = row.stream + std::to_string(which);
      CAPTURE(row.state, stream);
      // On channels of their own and behind each other.
      for (const std::string& first :
           {binary_publish(row.tenant, stream, 1), json_publish(row.tenant, stream, 1)}) {
        RawChannel& channel = client.open();
        channel.write(auth(token, kEverything));
        CHECK(channel.next().text.starts_with(R"({"type":"auth_ok")"));
        channel.write(first + binary_publish(row.tenant, stream, 2) + json_publish(row.tenant, stream, 3));
        for (int i = 0; i < 3; ++i) {
          Refusal refusal = refusal_of(channel.next());
          refusal.message = refusal.message.substr(0, row.refusal.message.size());
          CHECK(refusal == row.refusal);
        }
      }
    }
  }
}

TEST_CASE("a publish that is shed is called the same in binary and JSON, whoever is its stream's home",
          "[L-35]") {
  broker::ServerOptions options = blocking_options();
  options.reactor.channel_publish_bytes = 20'000;
  options.reactor.shed_publishes = true;
  RunningBroker broker(GENERATE(1u, 2u, 4u), std::move(options));
  RawClient client(broker);
  StuckReader reader(broker, "s");
  RawChannel& channel = client.open_authenticated(kEverything);
  for (std::uint64_t i = 0; i < 12; ++i) channel.write(acked(i, "s", {std::string(4000, 'x')}));
  client.until([&] { return broker.metric("felix_broker_ingress_rejected_total") > 0; });
  channel.write(binary_publish("default", "s", 100) + json_publish("default", "s", 101));
  client.until([&] {
    return broker.metric("felix_broker_ingress_rejected_total") +
               broker.metric("felix_published_records_total") ==
           StuckReader::kFill + 14;
  });
  reader.read_again();
  std::vector<Refusal> refusals;
  for (int i = 0; i < 14; ++i) {
    reader.until(client, [&] { return channel.waiting() > 0; });
    const RawFrame answer = channel.next();
    if (answer.flags != 0 && ack_of(answer).status == 0) continue;
    refusals.push_back(refusal_of(answer));
  }
  REQUIRE(refusals.size() > 2);
  for (const Refusal& refusal : refusals)
    CHECK(refusal == Refusal{"publish queue full", "overloaded", "retry_after", "publish_queue_full"});
}
