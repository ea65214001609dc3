#pragma once
// The client context a broker leaves for its user, so that `felix pub` needs no option.

#include <string>

#include "broker/server.h"

namespace felix::command {

// The context's name: "default", unless that one is somebody else's; then "local-PORT".
Result<std::string> write_client_context(const std::string& config_directory,
                                         const broker::ServerOptions& options, const broker::Server& server);

}  // namespace felix::command
