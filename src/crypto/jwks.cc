#include "crypto/jwks.h"

#include <algorithm>

#include "base/base64.h"
#include "json/reader.h"
#include "json/writer.h"

namespace felix::crypto {
namespace {

constexpr std::size_t kMaxKeys = 256;

// The member's text; empty when it is absent or no string.
std::string_view text_of(const json::Value& object, std::string_view name) {
  const json::Value* member = object.find(name);
  return member != nullptr && member->is_string() ? member->as_string() : std::string_view();
}

bool absent_or(const json::Value& object, std::string_view name, std::string_view wanted) {
  return object.find(name) == nullptr || text_of(object, name) == wanted;
}

bool is_ours(const json::Value& key) {
  return text_of(key, "kty") == "OKP" && text_of(key, "crv") == "Ed25519" && absent_or(key, "alg", "EdDSA") &&
         absent_or(key, "use", "sig");
}

Result<VerificationKey> parse_key(const json::Value& key) {
  VerificationKey parsed{std::string(text_of(key, "kid")), {}};
  const auto x = decode_base64url(text_of(key, "x"));
  if (!x || x->size() != parsed.key.size())
    return fail(Errc::malformed, "key set: x of Ed25519 key is not base64url of 32 bytes");
  std::ranges::copy(*x, parsed.key.begin());
  return parsed;
}

}  // namespace

std::string encode_jwks(const std::vector<VerificationKey>& keys) {
  std::string text;
  json::Writer writer(text);
  writer.begin_object();
  writer.key("keys");
  writer.begin_array();
  for (const auto& key : keys) {
    writer.begin_object();
    writer.member("kty", "OKP");
    writer.member("kid", key.key_id);
    writer.member("alg", "EdDSA");
    writer.member("use", "sig");
    writer.member("crv", "Ed25519");
    writer.member("x", encode_base64url(key.key));
    writer.end_object();
  }
  writer.end_array();
  writer.end_object();
  return text;
}

Result<std::vector<VerificationKey>> parse_jwks(std::string_view text) {
  auto document = json::parse(text, {.max_bytes = 1u << 20, .max_depth = 16});
  if (!document) return std::unexpected(with_context("key set", std::move(document).error()));
  const json::Value* keys = document->root().find("keys");
  if (keys == nullptr || !keys->is_array())
    return fail(Errc::malformed, "key set: not an object with an array \"keys\"");
  std::vector<VerificationKey> parsed;
  for (const json::Value& key : keys->elements()) {
    if (!is_ours(key)) continue;
    if (parsed.size() == kMaxKeys) return fail(Errc::too_large, "key set: over 256 keys");
    FELIX_TRY(parsed.emplace_back(), parse_key(key));
  }
  return parsed;
}

}  // namespace felix::crypto
