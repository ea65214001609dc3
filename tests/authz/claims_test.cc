#include "authz/claims.h"

#include <catch2/catch_test_macros.hpp>

#include "authz/grants.h"

using namespace felix;
using authz::Claims;

namespace {

constexpr std::int64_t kNow = 1'700'000'000;

Claims valid() {
  return {.issuer = "felix-auth",
          .subject = "p:demo",
          .tenant = "t1",
          .audiences = {"felix-broker"},
          .issued_at = kNow,
          .expires_at = kNow + 900,
          .permissions = {"stream.publish:stream:t1/default/*"},
          .token_id = "id-1"};
}

std::string refusal(const Claims& claims, std::int64_t now = kNow, std::string_view tenant = "t1") {
  const auto principal = authz::check_claims(claims, tenant, now);
  if (principal) return "accepted";
  CHECK(principal.error().code == Errc::unauthenticated);
  return principal.error().context;
}

std::string parse_refusal(std::string_view payload) {
  const auto claims = authz::parse_claims(payload);
  if (claims) return "accepted";
  CHECK(claims.error().code == Errc::unauthenticated);
  return claims.error().context;
}

}  // namespace

TEST_CASE("a valid token makes a principal that may do what it says") {
  const auto principal = authz::check_claims(valid(), "t1", kNow);
  REQUIRE(principal);
  CHECK(principal->subject() == "p:demo");
  CHECK(principal->may_publish("t1", "default", "orders"));
  CHECK_FALSE(principal->may_publish("t2", "default", "orders"));
  CHECK_FALSE(principal->may_subscribe("t1", "default", "orders"));
  CHECK_FALSE(principal->may_read_cache("t1", "default", "c", "k"));
  CHECK_FALSE(principal->may_write_cache("t1", "default", "c", "k"));
}

TEST_CASE("claims are written as they are read") {
  const Claims claims = valid();
  const std::string payload = authz::encode_claims(claims);
  CHECK(payload == R"({"iss":"felix-auth","sub":"p:demo","tid":"t1","aud":"felix-broker","iat":1700000000,)"
                   R"("exp":1700000900,"perms":["stream.publish:stream:t1/default/*"],"jti":"id-1"})");
  const auto again = authz::parse_claims(payload);
  REQUIRE(again);
  CHECK(authz::encode_claims(*again) == payload);
}

TEST_CASE("each check names the claim that failed it") {
  Claims claims = valid();
  claims.issuer = "somebody";
  CHECK(refusal(claims) == "token: iss is 'somebody', not 'felix-auth'");
  claims = valid();
  claims.audiences = {"felix-controlplane"};
  CHECK(refusal(claims) == "token: aud does not name 'felix-broker'");
  claims.audiences = {};
  CHECK(refusal(claims) == "token: aud does not name 'felix-broker'");
  claims.audiences = {"x", "felix-broker"};
  CHECK(refusal(claims) == "accepted");
  CHECK(refusal(valid(), kNow, "t2") == "token: it is for tenant 't1', the request names 't2'");
  claims = valid();
  claims.subject = "";
  CHECK(refusal(claims) == "token: sub is empty");
}

TEST_CASE("a minute of difference between clocks is forgiven, no second more") {
  const Claims claims = valid();
  CHECK(refusal(claims, claims.expires_at + 60) == "accepted");
  CHECK(refusal(claims, claims.expires_at + 61) == "token: expired 61 s ago; get a new one");
  CHECK(refusal(claims, claims.issued_at - 60) == "accepted");
  CHECK(refusal(claims, claims.issued_at - 61) == "token: issued 61 s in the future; compare the clocks");
}

TEST_CASE("times at the end of their range do no harm") {
  Claims claims = valid();
  claims.expires_at = INT64_MAX;
  CHECK(refusal(claims) == "accepted");
  claims.issued_at = INT64_MAX;
  CHECK(refusal(claims).starts_with("token: issued"));
  claims.issued_at = 0;
  claims.expires_at = 0;
  CHECK(refusal(claims).starts_with("token: expired"));
}

TEST_CASE("a payload with a claim missing or of the wrong type is refused by name") {
  const std::string good =
      R"({"iss":"felix-auth","sub":"s","tid":"t1","aud":["felix-broker"],"iat":1,"exp":2,"act":{"sub":"x"},"new":1})";
  CHECK(parse_refusal(good) == "accepted");
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return parse_refusal(text);
  };
  CHECK(with(R"("iss":"felix-auth",)", "") == "token: iss is missing");
  CHECK(with(R"("sub":"s")", R"("sub":1)") == "token: sub is not a string");
  CHECK(with(R"("tid":"t1",)", "") == "token: tid is missing");
  CHECK(with(R"(["felix-broker"])", "7") == "token: aud is not an array");
  CHECK(with(R"(["felix-broker"])", "[7]") == "token: aud holds something that is not a string");
  CHECK(with(R"("iat":1,)", "") == "token: iat is missing");
  CHECK(with(R"("exp":2)", R"("exp":2.5)") == "token: exp is not a whole number of seconds");
  CHECK(with(R"("exp":2)", R"("exp":"2")") == "token: exp is not a whole number of seconds");
  CHECK(with(R"("exp":2)", R"("exp":-2)") == "token: exp is not a whole number of seconds");
  CHECK(with(R"("new":1)", R"("perms":"all")") == "token: perms is not an array");
  CHECK(with(R"("new":1)", R"("jti":1)") == "token: jti is not a string");
  CHECK(
      with(R"("new":1)", R"("tid":"t2")").starts_with("token: payload: JSON: an object has a member twice"));
  CHECK(parse_refusal("[]") == "token: payload is not an object");
  CHECK(parse_refusal("").starts_with("token: payload: JSON"));
}
