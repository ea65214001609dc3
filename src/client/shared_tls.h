#pragma once
// TLS contexts that the connections of a thread share: to parse certificates takes a while, and sessions that
// trust the same and expect the same name can do with one context.

#include <memory>

#include "base/error.h"
#include "base/time.h"
#include "crypto/tls_context.h"

namespace felix::client {

// A context of exactly `options` (without a client identity): one of the last few that were asked for, or a
// new one; errors as for TlsClientContext::create.
Result<std::shared_ptr<const crypto::TlsClientContext>> shared_tls_context(crypto::TlsClientOptions options,
                                                                           WallTime now);

}  // namespace felix::client
