#include "crypto/jwks.h"

#include <catch2/catch_test_macros.hpp>

#include "base/base64.h"

namespace felix::crypto {
namespace {

const std::string kX = encode_base64url(SigningKey::generate().public_key());

std::string set_of(const std::string& keys) { return R"({"keys":[)" + keys + "]}"; }

TEST_CASE("a key set is written in the protocol's shape and read back") {
  const std::vector<VerificationKey> keys{{"a", SigningKey::generate().public_key()},
                                          {"b", SigningKey::generate().public_key()}};
  const std::string text = encode_jwks({keys[0]});
  CHECK(text == R"({"keys":[{"kty":"OKP","kid":"a","alg":"EdDSA","use":"sig","crv":"Ed25519","x":")" +
                    encode_base64url(keys[0].key) + "\"}]}");
  CHECK(parse_jwks(encode_jwks(keys)).value() == keys);
  CHECK(parse_jwks(encode_jwks({})).value().empty());
}

TEST_CASE("keys of other kinds are passed over") {
  CHECK(parse_jwks(
            set_of(R"({"kty":"RSA","kid":"r","n":"AQAB","e":"AQAB"},{"kty":"OKP","crv":"X25519","x":""},)"
                   R"({"kty":"OKP","crv":"Ed25519","alg":"ES256","x":""},7,)"
                   R"({"kty":"OKP","crv":"Ed25519","use":"enc","x":""})"))
            .value()
            .empty());
}

TEST_CASE("a key without alg, use or kid counts", "[L-87]") {
  const auto keys = parse_jwks(set_of(R"({"kty":"OKP","crv":"Ed25519","x":")" + kX + "\"}")).value();
  REQUIRE(keys.size() == 1);
  CHECK(keys[0].key_id.empty());
  CHECK(encode_base64url(keys[0].key) == kX);
}

TEST_CASE("texts that are no key set are refused") {
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("{}"), std::string(R"({"keys":{}})"),
        set_of(R"({"kty":"OKP","crv":"Ed25519"})"), set_of(R"({"kty":"OKP","crv":"Ed25519","x":"AAAA"})"),
        set_of(R"({"kty":"OKP","crv":"Ed25519","x":"not base64!"})")}) {
    CAPTURE(text);
    CHECK(parse_jwks(text).error().code == Errc::malformed);
  }
  std::string many;
  for (int i = 0; i <= 256; ++i) many += R"({"kty":"OKP","crv":"Ed25519","x":")" + kX + "\"},";
  many.pop_back();
  CHECK(parse_jwks(set_of(many)).error().code == Errc::too_large);
}

}  // namespace
}  // namespace felix::crypto
