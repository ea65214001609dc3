#include "crypto/signing_key.h"

#include <algorithm>

#include "base/base64.h"
#include "crypto/digest.h"
#include "crypto/gnutls_handles.h"
#include "crypto/random.h"

namespace felix::crypto {

struct SigningKey::State {
  OwnedX509Key x509 = make_handle<OwnedX509Key>(gnutls_x509_privkey_init);
  OwnedKey key = make_handle<OwnedKey>(gnutls_privkey_init);
};

namespace {

constexpr std::size_t kSeedBytes = 32;
constexpr std::size_t kKeyIdBytes = 12;

// RFC 8410: the fixed bytes of a PKCS#8 Ed25519 key; the seed follows.
constexpr unsigned char kPkcs8Prefix[] = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                                          0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};

void wipe(MutableBytes secret) { gnutls_memset(secret.data(), 0, secret.size()); }

}  // namespace

std::string key_id_of(const Ed25519PublicKey& key) {
  return encode_base64url(Bytes(sha256(key)).first(kKeyIdBytes));
}

SigningKey::SigningKey(std::unique_ptr<State> state) : state_(std::move(state)), public_key_{} {
  gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;
  OwnedDatum x;
  FELIX_ASSERT(gnutls_privkey_import_x509(state_->key.get(), state_->x509.get(), 0) == 0);
  FELIX_ASSERT(gnutls_x509_privkey_export_ecc_raw(state_->x509.get(), &curve, x.out(), nullptr, nullptr) ==
               0);
  FELIX_ASSERT(curve == GNUTLS_ECC_CURVE_ED25519 && x.text().size() == public_key_.size());
  std::ranges::copy(as_bytes(x.text()), public_key_.begin());
}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

SigningKey SigningKey::generate() {
  std::array<std::byte, kSeedBytes> seed;
  random_bytes(seed);
  auto key = from_seed(seed);
  wipe(seed);
  FELIX_ASSERT(key.has_value());
  return std::move(*key);
}

Result<SigningKey> SigningKey::from_seed(Bytes seed) {
  if (seed.size() != kSeedBytes)
    return fail(Errc::invalid_request, "an Ed25519 seed has 32 bytes, not " + std::to_string(seed.size()));
  std::array<std::byte, sizeof kPkcs8Prefix + kSeedBytes> der;
  std::ranges::copy(std::as_bytes(std::span(kPkcs8Prefix)), der.begin());
  std::ranges::copy(seed, der.begin() + sizeof kPkcs8Prefix);
  auto state = std::make_unique<State>();
  const gnutls_datum_t data = as_datum(Bytes(der));
  const int result =
      gnutls_x509_privkey_import2(state->x509.get(), &data, GNUTLS_X509_FMT_DER, nullptr, GNUTLS_PKCS_PLAIN);
  wipe(der);
  if (result < 0) return gnutls_failure(Errc::internal, "Ed25519 seed", result);
  return SigningKey(std::move(state));
}

Result<SigningKey> SigningKey::from_pem(const Pem& pem) {
  auto state = std::make_unique<State>();
  const gnutls_datum_t data = as_datum(pem.text);
  const int result =
      gnutls_x509_privkey_import2(state->x509.get(), &data, GNUTLS_X509_FMT_PEM, nullptr, GNUTLS_PKCS_PLAIN);
  if (result < 0)
    return fail(Errc::malformed, pem.origin + ": no unencrypted PEM private key (" + gnutls_strerror(result) +
                                     "); give an Ed25519 key in PKCS#8");
  if (gnutls_x509_privkey_get_pk_algorithm(state->x509.get()) != GNUTLS_PK_EDDSA_ED25519)
    return fail(Errc::malformed, pem.origin + ": not an Ed25519 key; tokens are signed with Ed25519 only");
  return SigningKey(std::move(state));
}

std::string SigningKey::to_pem() const {
  OwnedDatum pem;
  FELIX_ASSERT(gnutls_x509_privkey_export2_pkcs8(state_->x509.get(), GNUTLS_X509_FMT_PEM, nullptr,
                                                 GNUTLS_PKCS_PLAIN, pem.out()) == 0);
  return std::string(pem.text());
}

Ed25519Signature SigningKey::sign(Bytes message) const {
  const gnutls_datum_t data = as_datum(message);
  OwnedDatum signature;
  FELIX_ASSERT(gnutls_privkey_sign_data2(state_->key.get(), GNUTLS_SIGN_EDDSA_ED25519, 0, &data,
                                         signature.out()) == 0);
  Ed25519Signature out{};
  FELIX_ASSERT(signature.text().size() == out.size());
  std::ranges::copy(as_bytes(signature.text()), out.begin());
  return out;
}

}  // namespace felix::crypto
