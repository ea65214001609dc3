#include "crypto/verification_keys.h"

#include <algorithm>

#include "crypto/gnutls_handles.h"
#include "crypto/jwks.h"

namespace felix::crypto {
namespace {

Result<Ed25519PublicKey> parse_public_key(const Pem& file) {
  const auto key = make_handle<OwnedPublicKey>(gnutls_pubkey_init);
  const gnutls_datum_t data = as_datum(file.text);
  gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;
  OwnedDatum x;
  Ed25519PublicKey parsed{};
  if (gnutls_pubkey_import(key.get(), &data, GNUTLS_X509_FMT_PEM) < 0 ||
      gnutls_pubkey_export_ecc_raw2(key.get(), &curve, x.out(), nullptr, 0) < 0 ||
      curve != GNUTLS_ECC_CURVE_ED25519 || x.text().size() != parsed.size())
    return fail(
        Errc::malformed,
        file.origin + ": neither an Ed25519 key in PEM nor a key set; tokens are signed with Ed25519 only");
  std::ranges::copy(as_bytes(x.text()), parsed.begin());
  return parsed;
}

}  // namespace

Result<std::vector<VerificationKey>> parse_verification_keys(const Pem& file) {
  const std::size_t begin = file.text.find_first_not_of(" \t\r\n");
  if (begin != std::string::npos && file.text[begin] == '{') {
    auto keys = parse_jwks(file.text);
    if (!keys) return std::unexpected(with_context(file.origin, std::move(keys).error()));
    return keys;
  }
  Ed25519PublicKey key{};
  if (file.text.find("PRIVATE KEY-----") != std::string::npos) {
    FELIX_TRY(const SigningKey signing, SigningKey::from_pem(file));
    key = signing.public_key();
  } else {
    FELIX_TRY(key, parse_public_key(file));
  }
  return std::vector{VerificationKey{key_id_of(key), key}};
}

}  // namespace felix::crypto
