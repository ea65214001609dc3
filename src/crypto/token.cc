#include "crypto/token.h"

#include <algorithm>

#include "base/base64.h"
#include "crypto/gnutls_handles.h"
#include "json/reader.h"
#include "json/writer.h"

namespace felix::crypto {

struct TokenVerifier::Key {
  VerificationKey key;
  OwnedPublicKey handle;
};

namespace {

constexpr std::size_t kSignatureBytes = 64;
constexpr std::size_t kMaxAlgorithmShown = 16;

std::unexpected<Error> refuse(std::string why) { return fail(Errc::unauthenticated, std::move(why)); }

std::string printable(std::string_view text) {
  std::string shown(text.substr(0, kMaxAlgorithmShown));
  for (char& c : shown) {
    if (c < ' ' || c > '~') c = '?';
  }
  return shown;
}

// The kid of an acceptable header; empty when it has none.
Result<std::string> parse_header(std::string_view encoded) {
  const auto decoded = decode_base64url(encoded);
  if (!decoded) return refuse("token header is not base64url");
  const auto document = json::parse(as_text(*decoded), {.max_bytes = kMaxTokenBytes, .max_depth = 8});
  if (!document || !document->root().is_object()) return refuse("token header is not a JSON object");
  const json::Value& header = document->root();
  const json::Value* algorithm = header.find("alg");
  if (algorithm == nullptr || !algorithm->is_string()) return refuse("token header names no algorithm");
  if (algorithm->as_string() != "EdDSA")
    return refuse("token algorithm " + printable(algorithm->as_string()) +
                  " is not accepted; sign with EdDSA");
  if (header.find("crit") != nullptr)
    return refuse("token header has critical extensions, and none is known");
  const json::Value* key_id = header.find("kid");
  if (key_id == nullptr) return std::string();
  if (!key_id->is_string()) return refuse("token kid is not a string");
  return std::string(key_id->as_string());
}

bool verifies(gnutls_pubkey_t key, std::string_view message, Bytes signature) {
  const gnutls_datum_t data = as_datum(message);
  const gnutls_datum_t signed_by = as_datum(signature);
  return gnutls_pubkey_verify_data2(key, GNUTLS_SIGN_EDDSA_ED25519, 0, &data, &signed_by) >= 0;
}

}  // namespace

Result<std::string> sign_token(std::string_view claims, const SigningKey& key, std::string_view key_id) {
  std::string header;
  {
    json::Writer writer(header);
    writer.begin_object();
    writer.member("typ", "JWT");
    writer.member("alg", "EdDSA");
    writer.member("kid", key_id);
    writer.end_object();
  }
  std::string token = encode_base64url(as_bytes(header)) + "." + encode_base64url(as_bytes(claims));
  const Ed25519Signature signature = key.sign(as_bytes(token));
  token += "." + encode_base64url(signature);
  if (token.size() > kMaxTokenBytes)
    return fail(Errc::invalid_request, "token of " + std::to_string(token.size()) +
                                           " bytes is over the limit of 16 KiB; grant by wider patterns");
  return token;
}

TokenVerifier::TokenVerifier(const std::vector<VerificationKey>& keys) {
  for (const auto& each : keys) {
    Key key{each, make_handle<OwnedPublicKey>(gnutls_pubkey_init)};
    const gnutls_datum_t x = as_datum(Bytes(each.key));
    // Any 32 bytes import; bytes that are no point verify nothing.
    FELIX_ASSERT(gnutls_pubkey_import_ecc_raw(key.handle.get(), GNUTLS_ECC_CURVE_ED25519, &x, nullptr) == 0);
    keys_.push_back(std::move(key));
  }
}
TokenVerifier::TokenVerifier(TokenVerifier&&) noexcept = default;
TokenVerifier& TokenVerifier::operator=(TokenVerifier&&) noexcept = default;
TokenVerifier::~TokenVerifier() = default;

bool TokenVerifier::has(const Ed25519PublicKey& key) const {
  return std::ranges::any_of(keys_, [&](const Key& known) { return known.key.key == key; });
}

Result<VerifiedToken> TokenVerifier::verify(std::string_view token) const {
  if (token.size() > kMaxTokenBytes) return refuse("token is over the limit of 16 KiB");
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  if (first == std::string_view::npos || first == last ||
      token.substr(first + 1, last - first - 1).find('.') != std::string_view::npos)
    return refuse("token has not the three parts of a compact JWS");
  FELIX_TRY(const std::string key_id, parse_header(token.substr(0, first)));
  const auto payload = decode_base64url(token.substr(first + 1, last - first - 1));
  if (!payload) return refuse("token payload is not base64url");
  const auto signature = decode_base64url(token.substr(last + 1));
  if (!signature || signature->size() != kSignatureBytes) return refuse("token signature has not 64 bytes");

  const std::string_view signed_part = token.substr(0, last);
  for (const bool named : {true, false}) {
    for (const Key& key : keys_) {
      if ((key.key.key_id == key_id) == named && verifies(key.handle.get(), signed_part, *signature))
        return VerifiedToken{std::string(as_text(*payload)), key.key.key};
    }
  }
  return refuse(keys_.empty() ? "no key to verify the token with"
                              : "token signature does not verify with any known key; get a new token");
}

}  // namespace felix::crypto
