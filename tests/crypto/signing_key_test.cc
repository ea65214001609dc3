#include "crypto/signing_key.h"

#include <catch2/catch_test_macros.hpp>

#include "base/hex.h"

namespace felix::crypto {
namespace {

TEST_CASE("a seed has one public key and one signature (RFC 8032 section 7.1, test 2)") {
  const auto seed = decode_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb").value();
  const auto key = SigningKey::from_seed(seed).value();
  CHECK(encode_hex(key.public_key()) == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  CHECK(encode_hex(key.sign(as_bytes("\x72"))) ==
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
}

TEST_CASE("a key survives PEM, and its id with it") {
  const SigningKey key = SigningKey::generate();
  const auto again = SigningKey::from_pem({key.to_pem(), "token.key"}).value();
  CHECK(again.public_key() == key.public_key());
  CHECK(again.key_id() == key.key_id());
  CHECK(key.key_id().size() == 16);
  CHECK(SigningKey::generate().key_id() != key.key_id());
}

TEST_CASE("a seed of the wrong length and a key of another kind are refused by name") {
  CHECK(SigningKey::from_seed(as_bytes("short")).error().code == Errc::invalid_request);
  const auto none = SigningKey::from_pem({"", "token.key"});
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error().code == Errc::malformed);
  CHECK(none.error().context.starts_with("token.key: "));
}

}  // namespace
}  // namespace felix::crypto
