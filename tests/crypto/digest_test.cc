#include "crypto/digest.h"

#include <catch2/catch_test_macros.hpp>

#include "base/hex.h"

namespace felix::crypto {
namespace {

TEST_CASE("sha256 matches FIPS 180 for the empty text and abc") {
  CHECK(encode_hex(sha256({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(encode_hex(sha256(as_bytes("abc"))) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("hmac_sha256 matches RFC 4231 case 2") {
  CHECK(encode_hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

}  // namespace
}  // namespace felix::crypto
