#pragma once
// Reading certificates: what they name and how long they hold.

#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "crypto/pem_file.h"

namespace felix::crypto {

struct CertificateInfo {
  std::string common_name;
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_addresses;  // in their usual text form
  std::vector<std::string> uris;
  WallTime not_before;
  WallTime not_after;
  bool is_ca = false;
};

// The first certificate of a PEM text; tls_failed (naming the origin) when there is none.
Result<CertificateInfo> read_certificate(const Pem& pem);

// "2026-11-20 21:58:11 UTC".
std::string date_text(WallTime at);

}  // namespace felix::crypto
