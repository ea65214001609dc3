#include "crypto/verification_keys.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/jwks.h"

using namespace felix;
using namespace felix::crypto;

namespace {

// RFC 8410 section 10.3: the key pair of its examples.
constexpr const char* kPrivate =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
    "-----END PRIVATE KEY-----\n";
constexpr const char* kPublic =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
    "-----END PUBLIC KEY-----\n";
constexpr const char* kOtherCurve =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEUAJrz7BsdqzKLLNNeu9sG3mEgm/d\n"
    "7iBPzsqb8mCQEdVBMtfrAjO1TPGcqGlS5BOzrB0TnDBgNMUJbDcsj0c8kw==\n"
    "-----END PUBLIC KEY-----\n";

}  // namespace

TEST_CASE("a key file may hold either half of a key, or a key set") {
  const auto from_private = parse_verification_keys({kPrivate, "a"});
  const auto from_public = parse_verification_keys({kPublic, "b"});
  REQUIRE(from_private);
  REQUIRE(from_public);
  CHECK(from_private->size() == 1);
  CHECK(*from_private == *from_public);
  CHECK(from_public->front().key_id == key_id_of(from_public->front().key));
  const auto from_set = parse_verification_keys({"\n" + encode_jwks(*from_public), "c"});
  REQUIRE(from_set);
  CHECK(*from_set == *from_public);
}

TEST_CASE("a key file that is none is named") {
  for (const std::string text : {"", "hello", "{}", "{\"keys\":3}", kOtherCurve,
                                 "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}) {
    CAPTURE(text);
    const auto refused = parse_verification_keys({text, "keys/old.pem"});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::malformed);
    CHECK(refused.error().context.find("keys/old.pem") != std::string::npos);
  }
}
