#pragma once

#include <string>

#include "base/error.h"
#include "client/options.h"

namespace felix::client {

// The bearer token of the options; from a file without the white space around it. Reads the file each time,
// so that a renewed token is used by the next connection.
Result<std::string> read_token(const ConnectOptions& options);

}  // namespace felix::client
