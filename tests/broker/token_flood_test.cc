// Tokens that prove nothing, by the thousand: what they cost those who publish, and what they make the broker
// do (wire protocol section 5.2).

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "authz/claims.h"
#include "broker/traffic.h"
#include "crypto/token.h"

using namespace felix;
using namespace felix::test;

namespace {

const std::string kAuthFailed = R"({"type":"error","message":"auth failed"})";

// Like a good token, but signed by a key that nobody knows under a key id of its own.
std::string forged(const RunningBroker& broker, const crypto::SigningKey& key, std::uint64_t number) {
  authz::Claims claims;
  claims.issuer = authz::kTokenIssuer;
  claims.subject = "p:admin";
  claims.token_id = std::to_string(number);
  claims.tenant = "default";
  claims.audiences = {std::string(authz::kBrokerAudience)};
  claims.issued_at = unix_seconds(broker.clock().wall_now());
  claims.expires_at = claims.issued_at + 600;
  claims.permissions = {"tenant.manage:tenant:default"};
  return crypto::sign_token(authz::encode_claims(claims), key, "kid-" + std::to_string(number)).value();
}

// One connection on which a bad token is tried again and again on many channels at once.
class Flooder {
 public:
  explicit Flooder(const RunningBroker& broker) : client_(broker) {}

  void turn(const std::function<std::string()>& token) {
    client_.turn();
    while (client_.can_open() && trying_.size() < 16) {
      trying_.push_back(&client_.open());
      trying_.back()->write(auth(token()));
    }
    std::erase_if(trying_, [&](RawChannel* channel) {
      if (!channel->ended()) return false;
      REQUIRE(channel->waiting() == 1);
      CHECK(channel->next().text == kAuthFailed);
      ++refused;
      return true;
    });
  }
  // Nothing new is tried; true when all that was is refused.
  bool settle() {
    if (!trying_.empty()) turn_only();
    return trying_.empty();
  }

  std::uint64_t refused = 0;

 private:
  void turn_only() {
    client_.turn();
    std::erase_if(trying_, [&](RawChannel* channel) { return channel->ended() && ++refused > 0; });
  }
  RawClient client_;
  std::vector<RawChannel*> trying_;
};

}  // namespace

TEST_CASE("a flood of bad tokens from one address costs honest clients not one publish", "[L-83]") {
  RunningBroker broker(GENERATE(1u, 2u));
  const crypto::SigningKey stranger = crypto::SigningKey::generate();
  const std::string worn_out = forged(broker, stranger, 0);
  Listener listener(broker);
  Pump first(broker, "a"), second(broker, "b");
  std::vector<std::unique_ptr<Flooder>> flooders;
  for (int i = 0; i < 4; ++i) flooders.push_back(std::make_unique<Flooder>(broker));
  std::uint64_t number = 0;
  std::uint64_t repeats = 0;
  const auto next_token = [&] {
    if (++number % 2 == 0) return forged(broker, stranger, number);
    ++repeats;
    return worn_out;
  };
  const auto refused = [&] {
    std::uint64_t sum = 0;
    for (const auto& flooder : flooders) sum += flooder->refused;
    return sum;
  };
  const auto turn = [&] {
    first.turn();
    second.turn();
    listener.turn();
    for (auto& flooder : flooders) flooder->turn(next_token);
  };
  while (refused() < 3000 || first.answered < 2000 || second.answered < 2000) turn();
  listener.client.until([&] {
    listener.turn();
    bool settled = first.settle() && second.settle();
    for (auto& flooder : flooders) settled &= flooder->settle();
    return settled && listener.heard_of(first).size() + listener.heard_of(second).size() ==
                          first.answered + second.answered;
  });
  for (const Pump* pump : {&first, &second}) {
    CHECK(pump->acknowledged.size() == pump->answered);
    listener.check_has_all_of(*pump);
  }
  CHECK(broker.metric("felix_auth_requests_total{result=\"refused\"}") == static_cast<double>(refused()));
  // Of what was seen before, all but the first were known for what they are; a few seconds later once more.
  // The broker brings this figure up to date ten times a second.
  const auto known_bad = [&] { return broker.metric("felix_auth_known_bad_total"); };
  listener.client.until([&] { return known_bad() >= static_cast<double>(repeats) * 0.9; });
  CHECK(known_bad() <= static_cast<double>(repeats));
}

TEST_CASE("a key id that nobody knows makes the broker look nowhere: keys come when an operator says so",
          "[L-83]") {
  RunningBroker broker(GENERATE(1u, 2u));
  const crypto::SigningKey coming = crypto::SigningKey::generate();
  // It is there to be found, were anybody to look.
  broker.write_state("accepted-keys/coming.pem", coming.to_pem());
  RawClient client(broker);
  for (std::uint64_t i = 0; i < 300; ++i) {
    RawChannel& channel = client.open();
    channel.write(auth(forged(broker, coming, i)));
    REQUIRE(channel.next().text == kAuthFailed);
  }
  broker.server().request_reload();
  std::uint64_t fresh = 1000;
  client.until([&] {
    RawChannel& channel = client.open();
    channel.write(auth(forged(broker, coming, fresh++)));
    return channel.next().text.starts_with(R"({"type":"auth_ok")");
  });
}
