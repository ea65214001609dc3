#include "crypto/tls_context.h"

namespace felix::crypto {

Result<TlsIdentity> read_tls_identity(const std::string& certificate_path, const std::string& key_path) {
  TlsIdentity identity;
  FELIX_TRY(identity.certificate_chain, read_pem_file(certificate_path));
  FELIX_TRY(identity.private_key, read_pem_file(key_path));
  return identity;
}

}  // namespace felix::crypto
