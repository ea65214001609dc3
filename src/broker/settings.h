#pragma once

#include "base/error.h"
#include "broker/server.h"
#include "config/broker_config.h"

namespace felix::broker {

// What a broker does with its settings. Errors: usage when an address cannot be resolved or is no address.
Result<ServerOptions> server_options(const config::BrokerConfig& config);

}  // namespace felix::broker
