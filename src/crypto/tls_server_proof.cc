#include "crypto/tls_server_proof.h"

#include <algorithm>
#include <span>

#include <gnutls/ocsp.h>

#include "crypto/verified_chains.h"
#include "crypto/x509.h"

namespace felix::crypto {
namespace {

using Chain = std::span<const gnutls_datum_t>;

// A handshake may take as long before a chain that is about to end is verified again.
constexpr Duration kMargin = std::chrono::minutes(1);

thread_local VerifiedChains verified_chains;

Chain presented(gnutls_session_t session) {
  unsigned int count = 0;
  const gnutls_datum_t* list = gnutls_certificate_get_peers(session, &count);
  return list == nullptr ? Chain() : Chain(list, count);
}

void append(std::vector<std::byte>& out, const Sha256& digest) {
  out.insert(out.end(), digest.begin(), digest.end());
}

Sha256 digest_of(const Sha256& rests_on, Chain chain) {
  std::vector<std::byte> digests;
  append(digests, rests_on);
  for (const gnutls_datum_t& certificate : chain)
    append(digests, sha256(Bytes(reinterpret_cast<const std::byte*>(certificate.data), certificate.size)));
  return sha256(digests);
}

bool speaks_of_revocation(gnutls_session_t session, Chain chain) {
  gnutls_datum_t word{};
  for (unsigned int i = 0; i < chain.size(); ++i) {
    if (gnutls_ocsp_status_request_get2(session, i, &word) >= 0) return true;
  }
  return false;
}

// When the first certificate of `chain` ends.
WallTime end_of(Chain chain) {
  WallTime end = WallTime::max();
  for (const gnutls_datum_t& der : chain) {
    const auto certificate = parse_der_certificate(der);
    if (!certificate) return WallTime::min();
    end = std::min(end, describe(certificate->get()).not_after);
  }
  return end;
}

const ServerProof::Demand& demand_of(gnutls_session_t session) {
  return *static_cast<const ServerProof::Demand*>(gnutls_db_get_ptr(session));
}

}  // namespace

ServerProof::ServerProof(std::string name, const Pem& trust, WallTime trust_ends)
    : name_(std::move(name)), trust_ends_(trust_ends) {
  const gnutls_datum_t host = as_datum(std::string_view(name_));
  const gnutls_datum_t purpose = as_datum(std::string_view(GNUTLS_KP_TLS_WWW_SERVER));
  list_[0] = {GNUTLS_DT_DNS_HOSTNAME, host.data, host.size};
  list_[1] = {GNUTLS_DT_KEY_PURPOSE_OID, purpose.data, purpose.size};
  std::vector<std::byte> digests;
  append(digests, sha256(as_bytes(trust.text)));
  append(digests, sha256(as_bytes(name_)));
  rests_on_ = sha256(digests);
}

void ServerProof::require_of(gnutls_session_t session, const Demand& demand) {
  // The pointer a server's session store would use; a client has none, and the other pointers are the
  // driver's.
  gnutls_db_set_ptr(session, const_cast<Demand*>(&demand));
  gnutls_session_set_verify_function(session, check);
}

unsigned int ServerProof::status(gnutls_session_t session) {
  if (presented(session).empty()) return kNotVerified;
  return demand_of(session).proof->verify(session);
}

unsigned int ServerProof::verify(gnutls_session_t session) const {
  unsigned int status = 0;
  const int result =
      gnutls_certificate_verify_peers(session, const_cast<gnutls_typed_vdata_st*>(list_.data()),
                                      static_cast<unsigned int>(list_.size()), &status);
  return result < 0 ? static_cast<unsigned int>(GNUTLS_CERT_INVALID) : status;
}

int ServerProof::check(gnutls_session_t session) {
  const Demand& demand = demand_of(session);
  const Chain chain = presented(session);
  if (chain.empty()) return GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
  const bool may_know = !speaks_of_revocation(session, chain);
  const Sha256 digest = digest_of(demand.proof->rests_on_, chain);
  if (may_know && verified_chains.knows(digest, demand.now)) return 0;
  if (demand.proof->verify(session) != 0) return GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
  const WallTime end = std::min(end_of(chain), demand.proof->trust_ends_);
  if (may_know && end > demand.now + kMargin) verified_chains.remember(digest, demand.now, end - kMargin);
  return 0;
}

}  // namespace felix::crypto
