#pragma once
// Why a connection ended, as an error with its remedy.

#include <string>

#include "base/error.h"
#include "base/time.h"
#include "transport/config.h"

namespace felix::client {

// Before it was ready: connect_failed, tls_failed or unavailable.
Error connect_error(const transport::CloseReason& reason, const std::string& server, Duration timeout);
// Afterwards: draining when the broker said that it shuts down, unauthenticated when it missed our `auth`,
// connection_lost otherwise.
Error lost_error(const transport::CloseReason& reason, const std::string& server);

}  // namespace felix::client
