#include "crypto/token.h"

#include <random>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/base64.h"
#include "support/seed.h"

namespace felix::crypto {
namespace {

using Catch::Matchers::ContainsSubstring;

constexpr std::string_view kClaims = R"({"iss":"felix-auth","aud":"felix-broker","sub":"p:demo","tid":"t1"})";

SigningKey demo_key() {
  std::array<std::byte, 32> seed;
  seed.fill(std::byte{0x2a});
  return SigningKey::from_seed(seed).value();
}

TokenVerifier demo_verifier() {
  return TokenVerifier(
      {{"other", SigningKey::generate().public_key()}, {"demo-k1", demo_key().public_key()}});
}

// A token with any header, signed with the demo key.
std::string with_header(std::string_view header) {
  std::string token = encode_base64url(as_bytes(header)) + "." + encode_base64url(as_bytes(kClaims));
  return token + "." + encode_base64url(demo_key().sign(as_bytes(token)));
}

TEST_CASE("a signed token gives back its claims byte for byte") {
  const auto token = sign_token(kClaims, demo_key(), "demo-k1").value();
  const auto verified = demo_verifier().verify(token);
  REQUIRE(verified);
  CHECK(verified->payload == kClaims);
  CHECK(verified->key == demo_key().public_key());
  CHECK(demo_verifier().has(verified->key));
  CHECK_FALSE(TokenVerifier({}).has(verified->key));
  CHECK(token == sign_token(kClaims, demo_key(), "demo-k1").value());
}

TEST_CASE("a kid only orders the keys") {
  const TokenVerifier verifier = demo_verifier();
  CHECK(verifier.verify(sign_token(kClaims, demo_key(), "other").value()).has_value());
  CHECK(verifier.verify(sign_token(kClaims, demo_key(), "never seen").value()).has_value());
  CHECK(verifier.verify(with_header(R"({"alg":"EdDSA"})")).has_value());
  CHECK_FALSE(verifier.verify(sign_token(kClaims, SigningKey::generate(), "demo-k1").value()).has_value());
  CHECK_FALSE(TokenVerifier({}).verify(sign_token(kClaims, demo_key(), "demo-k1").value()).has_value());
}

TEST_CASE("only EdDSA is accepted, and a refused algorithm is named") {
  for (const std::string algorithm : {"none", "None", "HS256", "RS256", "ES256", "eddsa", "EdDSA "}) {
    const auto refused =
        demo_verifier().verify(with_header(R"({"alg":")" + algorithm + R"(","kid":"demo-k1"})"));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Errc::unauthenticated);
    CHECK_THAT(refused.error().context, ContainsSubstring("algorithm " + algorithm));
  }
}

TEST_CASE("headers that are not plain are refused") {
  const TokenVerifier verifier = demo_verifier();
  for (const char* header :
       {"", "{}", "[]", "null", R"({"alg":1})", R"({"alg":"EdDSA","kid":7})",
        R"({"alg":"EdDSA","alg":"none"})", R"({"alg":"EdDSA","crit":["b64"],"b64":false})",
        R"({"alg":"EdDSA"} )"
        "x"}) {
    CAPTURE(header);
    const auto refused = verifier.verify(with_header(header));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Errc::unauthenticated);
  }
  const auto shown = verifier.verify(with_header(R"({"alg":"\u001b[31mred and very, very long"})"));
  CHECK(shown.error().context.find('\x1b') == std::string::npos);
}

TEST_CASE("an unsigned token and one without three parts are refused") {
  const std::string token = sign_token(kClaims, demo_key(), "demo-k1").value();
  const TokenVerifier verifier = demo_verifier();
  const std::string unsigned_token = token.substr(0, token.rfind('.') + 1);
  for (const std::string& bad :
       {std::string(), std::string("."), std::string(".."), std::string("a.b"), unsigned_token, token + ".",
        "." + token, token + "=", token + "A", " " + token, std::string(kMaxTokenBytes + 1, 'a')}) {
    CAPTURE(bad.substr(0, 40));
    CHECK_FALSE(verifier.verify(bad).has_value());
  }
}

TEST_CASE("no single changed character of a token verifies") {
  const std::string token = sign_token(kClaims, demo_key(), "demo-k1").value();
  const TokenVerifier verifier = demo_verifier();
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string tampered = token;
    tampered[i] = tampered[i] == 'A' ? 'B' : 'A';
    CAPTURE(i);
    CHECK_FALSE(verifier.verify(tampered).has_value());
  }
}

TEST_CASE("random tokens are refused without harm") {
  CAPTURE(test::seed());
  std::mt19937_64 random(test::seed());
  const std::string token = sign_token(kClaims, demo_key(), "demo-k1").value();
  const TokenVerifier verifier = demo_verifier();
  for (int round = 0; round < 5000; ++round) {
    std::string bad = token;
    for (std::uint64_t edits = 1 + random() % 4; edits > 0 && !bad.empty(); --edits) {
      const std::size_t at = random() % bad.size();
      switch (random() % 3) {
        case 0:
          bad[at] = static_cast<char>(random());
          break;
        case 1:
          bad.erase(at, random() % 20);
          break;
        default:
          bad.insert(at, 1, static_cast<char>(random()));
      }
    }
    if (bad != token) REQUIRE_FALSE(verifier.verify(bad).has_value());
  }
}

TEST_CASE("a token over 16 KiB is not made") {
  const std::string claims = "{\"x\":\"" + std::string(kMaxTokenBytes, 'x') + "\"}";
  CHECK(sign_token(claims, demo_key(), "k").error().code == Errc::invalid_request);
}

TEST_CASE("a verifier takes any 32 bytes as a key, and those that are no point verify nothing") {
  Ed25519PublicKey all_ones;
  all_ones.fill(std::byte{0xff});
  const TokenVerifier verifier({{"demo-k1", all_ones}, {"zero", {}}});
  CHECK_FALSE(verifier.verify(sign_token(kClaims, demo_key(), "demo-k1").value()).has_value());
}

}  // namespace
}  // namespace felix::crypto
