#include "authz/claims.h"

#include <algorithm>

#include "authz/grants.h"
#include "json/reader.h"
#include "json/writer.h"

namespace felix::authz {
namespace {

std::unexpected<Error> refuse(std::string why) { return fail(Errc::unauthenticated, "token: " + why); }

Result<std::string> text_claim(const json::Value& root, std::string_view name) {
  const json::Value* value = root.find(name);
  if (value == nullptr) return refuse(std::string(name) + " is missing");
  if (!value->is_string()) return refuse(std::string(name) + " is not a string");
  return std::string(value->as_string());
}

Result<std::int64_t> time_claim(const json::Value& root, std::string_view name) {
  const json::Value* value = root.find(name);
  if (value == nullptr) return refuse(std::string(name) + " is missing");
  const auto seconds = value->to_i64();
  if (!seconds || *seconds < 0) return refuse(std::string(name) + " is not a whole number of seconds");
  return *seconds;
}

Result<std::vector<std::string>> list_claim(const json::Value& value, std::string_view name) {
  std::vector<std::string> texts;
  if (!value.is_array()) return refuse(std::string(name) + " is not an array");
  for (const json::Value& element : value.elements()) {
    if (!element.is_string()) return refuse(std::string(name) + " holds something that is not a string");
    texts.emplace_back(element.as_string());
  }
  return texts;
}

}  // namespace

Result<Claims> parse_claims(std::string_view payload) {
  const auto document = json::parse(payload);
  if (!document) return refuse("payload: " + document.error().context);
  const json::Value& root = document->root();
  if (!root.is_object()) return refuse("payload is not an object");
  Claims claims;
  FELIX_TRY(claims.issuer, text_claim(root, "iss"));
  FELIX_TRY(claims.subject, text_claim(root, "sub"));
  FELIX_TRY(claims.tenant, text_claim(root, "tid"));
  FELIX_TRY(claims.issued_at, time_claim(root, "iat"));
  FELIX_TRY(claims.expires_at, time_claim(root, "exp"));
  const json::Value* audience = root.find("aud");
  if (audience == nullptr) return refuse("aud is missing");
  if (audience->is_string())
    claims.audiences.emplace_back(audience->as_string());
  else {
    FELIX_TRY(claims.audiences, list_claim(*audience, "aud"));
  }
  if (const json::Value* permissions = root.find("perms")) {
    FELIX_TRY(claims.permissions, list_claim(*permissions, "perms"));
  }
  if (root.find("jti") != nullptr) {
    FELIX_TRY(claims.token_id, text_claim(root, "jti"));
  }
  return claims;
}

std::string encode_claims(const Claims& claims) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  writer.member("iss", claims.issuer);
  writer.member("sub", claims.subject);
  writer.member("tid", claims.tenant);
  writer.key("aud");
  if (claims.audiences.size() == 1) {
    writer.string(claims.audiences.front());
  } else {
    writer.begin_array();
    for (const std::string& audience : claims.audiences) writer.string(audience);
    writer.end_array();
  }
  writer.member("iat", claims.issued_at);
  writer.member("exp", claims.expires_at);
  writer.key("perms");
  writer.begin_array();
  for (const std::string& permission : claims.permissions) writer.string(permission);
  writer.end_array();
  if (!claims.token_id.empty()) writer.member("jti", claims.token_id);
  writer.end_object();
  return out;
}

Result<Principal> check_claims(const Claims& claims, std::string_view expected_tenant,
                               std::int64_t now_seconds, std::int64_t leeway_seconds) {
  if (claims.issuer != kTokenIssuer)
    return refuse("iss is '" + claims.issuer + "', not '" + std::string(kTokenIssuer) + "'");
  if (std::ranges::find(claims.audiences, kBrokerAudience) == claims.audiences.end())
    return refuse("aud does not name '" + std::string(kBrokerAudience) + "'");
  if (claims.tenant != expected_tenant)
    return refuse("it is for tenant '" + claims.tenant + "', the request names '" +
                  std::string(expected_tenant) + "'");
  if (claims.subject.empty()) return refuse("sub is empty");
  if (claims.issued_at > now_seconds + leeway_seconds)
    return refuse("issued " + std::to_string(claims.issued_at - now_seconds) +
                  " s in the future; compare the clocks");
  if (claims.expires_at < now_seconds - leeway_seconds)
    return refuse("expired " + std::to_string(now_seconds - claims.expires_at) + " s ago; get a new one");
  return Principal(claims.subject, Grants::compile(claims.tenant, claims.permissions));
}

}  // namespace felix::authz
