#include "broker/identity_store.h"

#include <algorithm>
#include <filesystem>
#include <unistd.h>

#include "authz/claims.h"
#include "crypto/certificate.h"
#include "crypto/pki.h"
#include "crypto/verification_keys.h"
#include "io/address.h"
#include "io/file.h"

namespace felix::broker {
namespace {

constexpr auto kDay = std::chrono::hours(24);
constexpr auto kCaLife = 3650 * kDay;
constexpr auto kServerLife = 365 * kDay;
constexpr auto kServerRenewBefore = 30 * kDay;
constexpr auto kTokenLife = 365 * kDay;
constexpr std::size_t kMaxFileBytes = 64 * 1024;
constexpr std::size_t kMaxRevocationBytes = std::size_t{16} << 20;

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

std::string host_name() {
  char name[256] = {};
  if (gethostname(name, sizeof name - 1) != 0) return {};
  return name;
}

Status write_identity(const std::string& stem, const crypto::TlsIdentity& identity) {
  FELIX_CHECK(crypto::write_private_file(stem + ".key", identity.private_key.text));
  return io::write_file_atomically(stem + ".pem", as_bytes(identity.certificate_chain.text), 0644);
}

Result<crypto::TlsIdentity> open_ca(const std::string& stem, WallTime now, bool& created) {
  if (exists(stem + ".pem")) return crypto::read_tls_identity(stem + ".pem", stem + ".key");
  created = true;
  FELIX_TRY(crypto::TlsIdentity ca,
            crypto::generate_ca("Felix standalone CA", crypto::validity_from(now, kCaLife)));
  FELIX_CHECK(write_identity(stem, ca));
  return ca;
}

crypto::ServerNames server_names(const std::vector<std::string>& extra_names) {
  crypto::ServerNames names{{"localhost"}, {"127.0.0.1", "::1"}};
  auto add = [&](const std::string& name) {
    if (name.empty()) return;
    const bool is_address =
        io::Address::parse(name + ":1").has_value() || io::Address::parse("[" + name + "]:1").has_value();
    auto& list = is_address ? names.ip_addresses : names.dns_names;
    if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
  };
  add(host_name());
  for (const std::string& name : extra_names) add(name);
  return names;
}

// Whether the certificate can serve for a while yet.
bool serves_until(const crypto::TlsIdentity& identity, WallTime now) {
  crypto::TlsServerOptions options;
  options.identity = identity;
  const auto context = crypto::TlsServerContext::create(std::move(options), now);
  return context && (*context)->expires_at() > now + kServerRenewBefore;
}

Result<crypto::TlsIdentity> open_server(const std::string& stem, const crypto::TlsIdentity& ca,
                                        const std::vector<std::string>& extra_names, WallTime now) {
  if (exists(stem + ".pem")) {
    auto stored = crypto::read_tls_identity(stem + ".pem", stem + ".key");
    if (stored && serves_until(*stored, now)) return stored;
  }
  FELIX_TRY(crypto::TlsIdentity server,
            crypto::issue_server_certificate(ca, server_names(extra_names),
                                             crypto::validity_from(now, kServerLife)));
  FELIX_CHECK(write_identity(stem, server));
  return server;
}

Result<crypto::SigningKey> open_token_key(const std::string& path) {
  if (exists(path)) {
    FELIX_TRY(const crypto::Pem pem, crypto::read_pem_file(path));
    return crypto::SigningKey::from_pem(pem);
  }
  crypto::SigningKey key = crypto::SigningKey::generate();
  FELIX_CHECK(crypto::write_private_file(path, key.to_pem()));
  return key;
}

// Every file of the directory must be understood: a key left out unnoticed would end the streams it vouches
// for.
Status add_accepted_keys(const std::string& directory, std::vector<crypto::VerificationKey>& keys) {
  std::error_code failed;
  if (!std::filesystem::exists(directory, failed)) return {};
  std::vector<std::string> paths;
  for (std::filesystem::directory_iterator entry(directory, failed), end; !failed && entry != end;
       entry.increment(failed))
    paths.push_back(entry->path().string());
  if (failed) return fail(Errc::storage, directory + ": " + failed.message());
  std::ranges::sort(paths);
  for (const std::string& path : paths) {
    FELIX_TRY(const crypto::Pem file, crypto::read_pem_file(path));
    FELIX_TRY(const auto more, crypto::parse_verification_keys(file));
    keys.insert(keys.end(), more.begin(), more.end());
  }
  return {};
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

// True when the stored token still verifies and has more than half of its life before it.
bool token_is_fresh(const std::string& path, const crypto::SigningKey& key, WallTime now) {
  const auto stored = io::read_file(path, kMaxFileBytes);
  if (!stored) return false;
  const auto token = crypto::TokenVerifier({{key.key_id(), key.public_key()}}).verify(trimmed(*stored));
  if (!token) return false;
  const auto claims = authz::parse_claims(token->payload);
  return claims && claims->expires_at > unix_seconds(now + kTokenLife / 2);
}

Status renew_admin_token(const std::string& path, const crypto::SigningKey& key, WallTime now) {
  if (token_is_fresh(path, key, now)) return {};
  authz::Claims claims;
  claims.issuer = authz::kTokenIssuer;
  claims.subject = "p:admin";
  claims.tenant = kDefaultTenant;
  claims.audiences = {std::string(authz::kBrokerAudience)};
  claims.issued_at = unix_seconds(now);
  claims.expires_at = unix_seconds(now + kTokenLife);
  claims.permissions = {std::string("tenant.manage:tenant:") + kDefaultTenant};
  FELIX_TRY(const std::string token, crypto::sign_token(authz::encode_claims(claims), key, key.key_id()));
  return crypto::write_private_file(path, token + "\n");
}

}  // namespace

Status renew_server_certificate(StandaloneIdentity& identity, const std::string& state_dir,
                                const std::vector<std::string>& extra_names, WallTime now) {
  FELIX_TRY(const crypto::TlsIdentity ca, open_ca(state_dir + "/ca", now, identity.created));
  FELIX_TRY(identity.server, open_server(state_dir + "/server", ca, extra_names, now));
  FELIX_TRY(const auto certificate, crypto::read_certificate(identity.server.certificate_chain));
  identity.renew_server_at = certificate.not_after - kServerRenewBefore;
  return {};
}

Result<StandaloneIdentity> open_standalone_identity(const std::string& state_dir,
                                                    const std::vector<std::string>& extra_names,
                                                    WallTime now) {
  FELIX_CHECK(io::make_directories(state_dir, 0700));
  StandaloneIdentity identity;
  identity.ca_path = state_dir + "/ca.pem";
  identity.admin_token_path = state_dir + "/admin.token";
  FELIX_CHECK(renew_server_certificate(identity, state_dir, extra_names, now));
  FELIX_TRY(const crypto::SigningKey token_key, open_token_key(state_dir + "/token.key"));
  FELIX_CHECK(renew_admin_token(identity.admin_token_path, token_key, now));
  identity.token_keys = {{token_key.key_id(), token_key.public_key()}};
  FELIX_CHECK(add_accepted_keys(state_dir + "/accepted-keys", identity.token_keys));
  return identity;
}

Result<authz::Revocations> read_revocations(const std::string& state_dir) {
  const std::string path = state_dir + "/revoked";
  if (!exists(path)) return authz::Revocations();
  FELIX_TRY(const auto text, io::read_file(path, kMaxRevocationBytes));
  auto list = authz::Revocations::parse(text);
  if (!list) return std::unexpected(with_context(path, std::move(list).error()));
  return list;
}

}  // namespace felix::broker
