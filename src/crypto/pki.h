#pragma once
// A small certificate authority: what a broker makes for itself on its first start. ECDSA P-256 throughout,
// signed with SHA-256; everything comes back as PEM, keys unencrypted (store them with write_private_file).

#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "crypto/tls_context.h"

namespace felix::crypto {

struct Validity {
  WallTime not_before;
  WallTime not_after;
};

// Begins an hour before `now`, so that a peer whose clock is a little behind accepts the certificate.
Validity validity_from(WallTime now, Duration life);

// A self-signed authority that may sign end certificates only.
Result<TlsIdentity> generate_ca(const std::string& common_name, const Validity& validity);

struct ServerNames {
  std::vector<std::string> dns_names;     // the first is also the common name; "*.example" is allowed
  std::vector<std::string> ip_addresses;  // text form, IPv4 or IPv6
};

// The chain holds the leaf alone: clients have the authority. usage when there is no name or an address does
// not parse; tls_failed when `ca` does not.
Result<TlsIdentity> issue_server_certificate(const TlsIdentity& ca, const ServerNames& names,
                                             const Validity& validity);

// For peers that must prove who they are: `uris` become subject alternative names.
Result<TlsIdentity> issue_client_certificate(const TlsIdentity& ca, const std::string& common_name,
                                             const std::vector<std::string>& uris, const Validity& validity);

}  // namespace felix::crypto
