#pragma once
// What a standalone broker makes for itself on its first start and finds again on every later one, in its
// state directory:
//
//   ca.pem ca.key            certificate authority (10 years); clients are given ca.pem
//   server.pem server.key    server certificate (1 year), made again 30 days before its end
//   token.key                Ed25519 key that signs tokens, and verifies them
//   admin.token              token with every right in the default tenant (1 year), renewed in its last half
//
// And what an operator may put there:
//
//   accepted-keys/           more keys that verify tokens, one file each: PEM, or a key set as JSON
//   revoked                  who is let in no more (authz/revocations.h)
//
// Secrets have mode 0600. Blocking: not for a reactor's thread.

#include <string>
#include <vector>

#include "authz/revocations.h"
#include "base/error.h"
#include "base/time.h"
#include "crypto/signing_key.h"
#include "crypto/tls_context.h"
#include "crypto/token.h"

namespace felix::broker {

inline constexpr const char* kDefaultTenant = "default";
inline constexpr const char* kDefaultNamespace = "default";

struct StandaloneIdentity {
  crypto::TlsIdentity server;
  std::vector<crypto::VerificationKey> token_keys;
  std::string ca_path;
  std::string admin_token_path;
  WallTime renew_server_at{};  // from here on `server` is to be made anew
  bool created = false;        // this was the first start
};

// `extra_names`: DNS names and addresses, besides localhost and this host's, that the certificate shall
// carry. Errc::storage names the file and the remedy when the directory cannot be used. May be called again,
// to learn what an operator changed; whatever of ours is missing or near its end is then made anew.
Result<StandaloneIdentity> open_standalone_identity(const std::string& state_dir,
                                                    const std::vector<std::string>& extra_names,
                                                    WallTime now);

// Makes `identity.server` anew when it is near its end, and nothing else.
Status renew_server_certificate(StandaloneIdentity& identity, const std::string& state_dir,
                                const std::vector<std::string>& extra_names, WallTime now);

// The list of the state directory; an empty one where there is no file. malformed names file and line.
Result<authz::Revocations> read_revocations(const std::string& state_dir);

}  // namespace felix::broker
