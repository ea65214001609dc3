#pragma once
// How a server judges a client's certificate; for this module's own files only.

#include "crypto/gnutls_handles.h"

namespace felix::crypto {

// Every certificate a client presents must verify and be meant for clients. One that presents none passes
// here: whether that is allowed is the session's request setting.
void install_client_proof(gnutls_session_t session);

// The library's verification status bits of the client's certificate: 0 when it verifies, or none came.
unsigned int client_proof_status(gnutls_session_t session);

}  // namespace felix::crypto
