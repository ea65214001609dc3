#include "crypto/packet_cipher.h"

#include <algorithm>
#include <random>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <gnutls/crypto.h>

#include "base/hex.h"
#include "crypto/gnutls_handles.h"
#include "crypto/ipsec_mb.h"
#include "support/seed.h"

namespace felix::crypto {
namespace {

using Octets = std::vector<std::byte>;

Octets hex(std::string_view text) { return decode_hex(text).value(); }

void need_packet_cipher() {
  if (packet_cipher_library() == "gnutls") SKIP("this CPU leaves packets to the TLS library");
}

Octets seal(PacketCipher& cipher, Bytes plain, Bytes nonce, Bytes header) {
  Octets sealed(plain.size() + PacketCipher::kTagBytes);
  cipher.seal(sealed.data(), plain, nonce, header);
  return sealed;
}

// Nothing when it is refused.
std::optional<Octets> open(PacketCipher& cipher, Bytes sealed, Bytes nonce, Bytes header) {
  Octets plain(sealed.size() - PacketCipher::kTagBytes, std::byte{0x55});
  if (cipher.open(plain.data(), sealed, nonce, header)) return plain;
  CHECK(std::ranges::count(plain, std::byte{}) == static_cast<std::ptrdiff_t>(plain.size()));
  return std::nullopt;
}

Octets random_octets(std::size_t size, std::mt19937_64& random) {
  Octets octets(size);
  for (std::byte& each : octets) each = static_cast<std::byte>(random());
  return octets;
}

std::size_t key_bytes(AeadCipher cipher) { return cipher == AeadCipher::aes_128_gcm ? 16 : 32; }

// The TLS library's AEAD, to compare with.
class Reference {
 public:
  Reference(AeadCipher cipher, Bytes key)
      : handle_(make_handle<Owned<gnutls_aead_cipher_hd_t, gnutls_aead_cipher_deinit>>([&](auto* out) {
          const gnutls_datum_t datum = as_datum(key);
          return gnutls_aead_cipher_init(
              out, cipher == AeadCipher::aes_128_gcm ? GNUTLS_CIPHER_AES_128_GCM : GNUTLS_CIPHER_AES_256_GCM,
              &datum);
        })) {}

  Octets seal(Bytes plain, Bytes nonce, Bytes header) {
    Octets sealed(plain.size() + PacketCipher::kTagBytes);
    std::size_t size = sealed.size();
    REQUIRE(gnutls_aead_cipher_encrypt(handle_.get(), nonce.data(), nonce.size(), header.data(),
                                       header.size(), PacketCipher::kTagBytes, plain.data(), plain.size(),
                                       sealed.data(), &size) == 0);
    return sealed;
  }

 private:
  Owned<gnutls_aead_cipher_hd_t, gnutls_aead_cipher_deinit> handle_;
};

TEST_CASE("packet cipher: AES-GCM test cases 4 and 16 of its specification") {
  need_packet_cipher();
  const Octets key = hex("feffe9928665731c6d6a8f9467308308");
  const Octets plain =
      hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b1"
          "6aedf5"
          "aa0de657ba637b39");
  const Octets header = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const Octets nonce = hex("cafebabefacedbaddecaf888");

  auto aes128 = PacketCipher::create(AeadCipher::aes_128_gcm, key);
  CHECK(encode_hex(seal(*aes128, plain, nonce, header)) ==
        "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba3"
        "0b39"
        "6a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47");

  Octets long_key = key;
  long_key.insert(long_key.end(), key.begin(), key.end());
  auto aes256 = PacketCipher::create(AeadCipher::aes_256_gcm, long_key);
  CHECK(encode_hex(seal(*aes256, plain, nonce, header)) ==
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f6"
        "1e63"
        "93ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b");
}

TEST_CASE("packet cipher: the server's Initial packet of RFC 9001 A.3") {
  need_packet_cipher();
  auto packets = PacketCipher::create(AeadCipher::aes_128_gcm, hex("cf3a5331653c364c88f0f379b6067e37"));
  auto headers = HeaderCipher::create(AeadCipher::aes_128_gcm, hex("c206b8d9b9f0f37644430b490eeaa314"));
  Octets packet = hex("c1000000010008f067a5502a4262b50040750001");
  const std::size_t header_bytes = packet.size();
  Octets nonce = hex("0ac1493ca1905853b0bba03e");
  nonce.back() ^= std::byte{1};  // packet number 1
  const Octets plain =
      hex("02000000000600405a020000560303eefce7f7b37ba1d1632e96677825ddf73988cfc79825df566dc5430b9a045a120013"
          "0100002e00"
          "330024001d00209d3c940d89690b84d08a60993c144eca684d1081287c834d5311bcf32bb9da1a002b00020304");
  const Octets sealed = seal(*packets, plain, nonce, packet);
  CHECK(open(*packets, sealed, nonce, packet) == plain);

  packet.insert(packet.end(), sealed.begin(), sealed.end());
  const auto mask = headers->mask(Bytes(packet).subspan(header_bytes + 2, HeaderCipher::kSampleBytes));
  CHECK(encode_hex(Bytes(mask).first(5)) == "2ec0d8356a");
  packet[0] ^= mask[0] & std::byte{0x0f};
  packet[header_bytes - 2] ^= mask[1];
  packet[header_bytes - 1] ^= mask[2];
  CHECK(encode_hex(packet) ==
        "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb38cc5"
        "a99f5ede"
        "4cf73c3ec2493a1839b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84022f8ef4cdd93795"
        "d77d06ed"
        "bb7aaf2f58891850abbdca3d20398c276456cbc42158407dd074ee");
}

TEST_CASE("packet cipher: agrees with the TLS library for every size of packet") {
  need_packet_cipher();
  std::mt19937_64 random(test::seed());
  const AeadCipher kind = GENERATE(AeadCipher::aes_128_gcm, AeadCipher::aes_256_gcm);
  const Octets key = random_octets(key_bytes(kind), random);
  auto cipher = PacketCipher::create(kind, key);
  Reference reference(kind, key);
  const auto agree = [&](std::size_t size) {
    const Octets plain = random_octets(size, random);
    const Octets nonce = random_octets(PacketCipher::kNonceBytes, random);
    const Octets header = random_octets(1 + random() % 70, random);
    const Octets sealed = seal(*cipher, plain, nonce, header);
    if (sealed != reference.seal(plain, nonce, header)) FAIL("sealed otherwise: " << size << " bytes");
    if (open(*cipher, sealed, nonce, header) != plain) FAIL("not opened: " << size << " bytes");

    Octets in_place = plain;
    in_place.resize(sealed.size());
    cipher->seal(in_place.data(), Bytes(in_place).first(size), nonce, header);
    if (in_place != sealed) FAIL("sealed otherwise in place: " << size << " bytes");
    if (!cipher->open(in_place.data(), in_place, nonce, header))
      FAIL("not opened in place: " << size << " bytes");
    in_place.resize(size);
    if (in_place != plain) FAIL("opened otherwise in place: " << size << " bytes");
  };
  for (std::size_t size = 0; size < 2100; ++size) agree(size);
  for (int i = 0; i < 200; ++i) agree(2100 + random() % 63'400);
}

TEST_CASE("packet cipher: refuses a packet with one bit changed") {
  need_packet_cipher();
  std::mt19937_64 random(test::seed());
  const AeadCipher kind = GENERATE(AeadCipher::aes_128_gcm, AeadCipher::aes_256_gcm);
  auto cipher = PacketCipher::create(kind, random_octets(key_bytes(kind), random));
  const Octets plain = random_octets(200, random);
  Octets nonce = random_octets(PacketCipher::kNonceBytes, random);
  Octets header = random_octets(20, random);
  Octets sealed = seal(*cipher, plain, nonce, header);
  for (Octets* part : {&sealed, &nonce, &header}) {
    for (std::size_t bit = 0; bit < 8 * part->size(); ++bit) {
      std::byte& changed = (*part)[bit / 8];
      const std::byte flip = std::byte{1} << (bit % 8);
      changed ^= flip;
      CHECK_FALSE(open(*cipher, sealed, nonce, header));
      changed ^= flip;
    }
  }
  CHECK(open(*cipher, sealed, nonce, header) == plain);
  auto other = PacketCipher::create(kind, random_octets(key_bytes(kind), random));
  CHECK_FALSE(open(*other, sealed, nonce, header));
}

TEST_CASE("packet cipher: refuses what is shorter than a tag") {
  need_packet_cipher();
  auto cipher = PacketCipher::create(AeadCipher::aes_128_gcm, hex("000102030405060708090a0b0c0d0e0f"));
  const Octets nonce(PacketCipher::kNonceBytes);
  for (std::size_t size = 0; size < PacketCipher::kTagBytes; ++size) {
    Octets shorter(size), out(PacketCipher::kTagBytes);
    CHECK_FALSE(cipher->open(out.data(), shorter, nonce, nonce));
  }
}

TEST_CASE("packet cipher: there is none for ChaCha20-Poly1305") {
  const Octets key(32);
  CHECK(PacketCipher::create(AeadCipher::chacha20_poly1305, key) == nullptr);
  CHECK(HeaderCipher::create(AeadCipher::chacha20_poly1305, key) == nullptr);
}

TEST_CASE("packet cipher: functions that compute anything else are not trusted") {
  const AesFunctions* right = aes_functions(AeadCipher::aes_128_gcm);
  const AesFunctions* other = aes_functions(AeadCipher::aes_256_gcm);
  if (right == nullptr) SKIP("this CPU leaves packets to the TLS library");
  CHECK(agrees_with_tls_library(*right));
  CHECK(agrees_with_tls_library(*other));

  AesFunctions wrong = *right;
  wrong.seal = other->seal;
  CHECK_FALSE(agrees_with_tls_library(wrong));
  wrong = *right;
  wrong.open = other->open;
  CHECK_FALSE(agrees_with_tls_library(wrong));
  wrong = *right;
  wrong.block = other->block;
  CHECK_FALSE(agrees_with_tls_library(wrong));
  wrong = *right;
  wrong.hash_key = other->hash_key;
  CHECK_FALSE(agrees_with_tls_library(wrong));
}

}  // namespace
}  // namespace felix::crypto
