#include "broker/authenticator.h"

#include <catch2/catch_test_macros.hpp>

#include "authz/claims.h"
#include "support/manual_clock.h"

using namespace felix;
using broker::AccessPolicy;
using broker::Authenticator;

namespace {

constexpr std::string_view kTenant = "default";

struct Gate {
  crypto::SigningKey key = crypto::SigningKey::generate();
  crypto::SigningKey stranger = crypto::SigningKey::generate();
  test::ManualClock clock;
  Authenticator authenticator{std::make_shared<const AccessPolicy>(
      AccessPolicy{1, crypto::TokenVerifier({{key.key_id(), key.public_key()}}), {}})};

  std::string token(const crypto::SigningKey& signer, const std::string& id, std::string_view key_id) const {
    authz::Claims claims;
    claims.issuer = authz::kTokenIssuer;
    claims.subject = "p:test";
    claims.token_id = id;
    claims.tenant = kTenant;
    claims.audiences = {std::string(authz::kBrokerAudience)};
    claims.issued_at = unix_seconds(clock.wall_now());
    claims.expires_at = claims.issued_at + 3600;
    claims.permissions = {"tenant.manage:tenant:default"};
    return crypto::sign_token(authz::encode_claims(claims), signer, key_id).value();
  }
  std::string good(const std::string& id) const { return token(key, id, key.key_id()); }
  // Signed by nobody we know, under a key id of its own each.
  std::string forged(int number) const {
    return token(stranger, "t" + std::to_string(number), "kid-" + std::to_string(number));
  }
  // Nullopt: must wait.
  std::optional<bool> lets_in(const std::string& token) {
    const auto judged = authenticator.authenticate(kTenant, token, clock.wall_now());
    if (!judged) return std::nullopt;
    return judged->has_value();
  }
};

}  // namespace

TEST_CASE("so many signatures are verified in a turn, whatever their key ids, and the next token waits",
          "[L-83]") {
  Gate gate;
  int judged = 0;
  int turns = 0;
  while (judged < 1000) {
    gate.authenticator.begin_turn();
    int in_turn = 0;
    while (gate.authenticator.has_signatures_left()) {
      CHECK(gate.lets_in(gate.forged(judged + in_turn)) == false);
      REQUIRE(++in_turn <= 4);
    }
    CHECK(gate.lets_in(gate.forged(-1)) == std::nullopt);
    CHECK(gate.lets_in(gate.good("late")) == std::nullopt);
    judged += in_turn;
    ++turns;
  }
  CHECK(turns >= 250);
  CHECK(gate.authenticator.known_bad() == 0);
  gate.authenticator.begin_turn();
  CHECK(gate.lets_in(gate.good("late")) == true);
}

TEST_CASE("a token that was refused costs no signature for a while, and one that was good none until it ends",
          "[L-83]") {
  Gate gate;
  const std::string bad = gate.forged(1);
  const std::string good = gate.good("mine");
  gate.authenticator.begin_turn();
  CHECK(gate.lets_in(bad) == false);
  CHECK(gate.lets_in(good) == true);
  for (int i = 0; i < 1000; ++i) {
    CHECK(gate.lets_in(bad) == false);
    CHECK(gate.lets_in(good) == true);
  }
  CHECK(gate.authenticator.known_bad() == 1000);
  CHECK(gate.authenticator.has_signatures_left());

  gate.clock.advance(std::chrono::seconds(6));
  CHECK(gate.lets_in(bad) == false);  // verified again: it might have become good
  CHECK(gate.authenticator.known_bad() == 1000);
  gate.clock.advance(std::chrono::hours(2));
  gate.authenticator.begin_turn();
  CHECK(gate.lets_in(good) == false);
}

TEST_CASE("a flood of refused tokens forgets none that was good", "[L-83]") {
  Gate gate;
  const std::string good = gate.good("mine");
  gate.authenticator.begin_turn();
  CHECK(gate.lets_in(good) == true);
  for (int i = 0; i < 3000; ++i) {
    gate.authenticator.begin_turn();
    CHECK(gate.lets_in(gate.forged(i)) == false);
  }
  int fresh = 6000;
  while (gate.authenticator.has_signatures_left()) gate.lets_in(gate.forged(fresh++));
  // No signature is left, and it needs none.
  CHECK(gate.lets_in(good) == true);
}
