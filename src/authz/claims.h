#pragma once
// What a token says, after its signature was verified (wire protocol section 5.2).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "authz/principal.h"
#include "base/error.h"

namespace felix::authz {

inline constexpr std::string_view kTokenIssuer = "felix-auth";
inline constexpr std::string_view kBrokerAudience = "felix-broker";
inline constexpr std::int64_t kClaimLeewaySeconds = 60;
inline constexpr std::int64_t kTokenLifeSeconds = 900;

struct Claims {
  std::string issuer;                    // iss
  std::string subject;                   // sub
  std::string tenant;                    // tid
  std::vector<std::string> audiences;    // aud: one string or an array of them
  std::int64_t issued_at = 0;            // iat, Unix seconds
  std::int64_t expires_at = 0;           // exp, Unix seconds
  std::vector<std::string> permissions;  // perms: action:object
  std::string token_id;                  // jti; empty when absent
};

// The payload of a token. Members it does not know are ignored, whatever they hold.
// Errc::unauthenticated names the claim that is missing or has the wrong type.
Result<Claims> parse_claims(std::string_view payload);
// The payload of a token to be signed; parse_claims() reads it back.
std::string encode_claims(const Claims& claims);

// Who the token speaks for, to a broker, at `now_seconds` (Unix). Errc::unauthenticated says which check
// failed.
Result<Principal> check_claims(const Claims& claims, std::string_view expected_tenant,
                               std::int64_t now_seconds, std::int64_t leeway_seconds = kClaimLeewaySeconds);

}  // namespace felix::authz
