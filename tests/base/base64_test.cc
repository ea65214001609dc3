#include "base/base64.h"

#include <random>

#include <catch2/catch_test_macros.hpp>

#include "support/seed.h"

using namespace felix;

TEST_CASE("base64 agrees with the vectors of RFC 4648") {
  const std::pair<std::string_view, std::string_view> rows[] = {{"", ""},
                                                                {"f", "Zg=="},
                                                                {"fo", "Zm8="},
                                                                {"foo", "Zm9v"},
                                                                {"foob", "Zm9vYg=="},
                                                                {"fooba", "Zm9vYmE="},
                                                                {"foobar", "Zm9vYmFy"},
                                                                {"\xff\xfe\xfb", "//77"}};
  for (const auto& [plain, encoded] : rows) {
    CHECK(encode_base64(as_bytes(plain)) == encoded);
    CHECK(encoded_base64_size(plain.size()) == encoded.size());
    const auto decoded = decode_base64(encoded);
    REQUIRE(decoded);
    CHECK(as_text(*decoded) == plain);
    CHECK(decoded_base64_size(encoded) == plain.size());
  }
}

TEST_CASE("appending leaves what was there") {
  std::string out = "before:";
  append_base64(out, as_bytes("fo"));
  CHECK(out == "before:Zm8=");
}

TEST_CASE("base64 that is not canonical is refused") {
  for (const std::string_view text : {"Z", "Zg", "Zg=", "Zg===", "Zm8", "Zh==", "Zm9=", "Zg==Zg==", "Zm 8",
                                      "Zm8=\n", "====", "=", "A===", "Zm-_", "Zm9v=", "\xff\xff\xff\xff"}) {
    INFO(text);
    const auto decoded = decode_base64(text);
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().code == Errc::malformed);
  }
}

TEST_CASE("url-safe base64 has its own alphabet and no padding") {
  CHECK(encode_base64url(as_bytes("\xff\xfe\xfb\xf0")) == "__778A");
  CHECK(as_text(*decode_base64url("__778A")) == "\xff\xfe\xfb\xf0");
  for (const std::string_view text : {"Zg==", "//77", "Z", "Zh"}) CHECK_FALSE(decode_base64url(text));
}

TEST_CASE("every length round-trips in both alphabets") {
  std::mt19937_64 random(test::seed());
  for (std::size_t size = 0; size < 200; ++size) {
    std::vector<std::byte> bytes(size);
    for (std::byte& b : bytes) b = static_cast<std::byte>(random());
    CHECK(*decode_base64(encode_base64(bytes)) == bytes);
    CHECK(*decode_base64url(encode_base64url(bytes)) == bytes);
  }
}

TEST_CASE("a foreign character is refused wherever it stands, and every other is not") {
  const std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int c = 0; c < 256; ++c) {
    const bool good = c != 0 && alphabet.find(static_cast<char>(c)) != std::string_view::npos;
    for (std::size_t at = 0; at < 64; ++at) {
      std::string text(64, 'A');
      text[at] = static_cast<char>(c);
      if (c == '=' && at == 63) continue;
      const auto decoded = decode_base64(text);
      CAPTURE(c, at);
      REQUIRE(decoded.has_value() == good);
      if (good) REQUIRE(encode_base64(*decoded) == text);
    }
  }
}

TEST_CASE("long texts are what their groups of three bytes are") {
  std::mt19937_64 random(test::seed());
  std::vector<std::byte> bytes(3000);
  for (std::byte& b : bytes) b = static_cast<std::byte>(random());
  std::string expected;
  for (std::size_t i = 0; i < bytes.size(); i += 3) expected += encode_base64(Bytes(bytes).subspan(i, 3));
  CHECK(encode_base64(bytes) == expected);
  CHECK(*decode_base64(expected) == bytes);
}

TEST_CASE("decoding writes nothing beyond what it was given") {
  for (std::size_t size = 0; size < 100; ++size) {
    std::vector<std::byte> out(size + 32, std::byte{0x5a});
    const std::string text = encode_base64(std::vector<std::byte>(size, std::byte{1}));
    REQUIRE(decode_base64_into(text, MutableBytes(out).first(size)));
    for (std::size_t i = size; i < out.size(); ++i) REQUIRE(out[i] == std::byte{0x5a});
  }
}
