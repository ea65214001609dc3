#pragma once
// The server's ALPN rule (wire protocol section 1.1); for this module's own files only.

#include "crypto/gnutls_handles.h"

namespace felix::crypto {

// Refuses, with no_application_protocol, a client that offers only protocols we do not serve, and one that
// offers none when `required`. The library's mandatory flag cannot tell these two apart, so a look at the
// ClientHello decides.
void install_alpn_rule(gnutls_session_t session, bool required);

}  // namespace felix::crypto
