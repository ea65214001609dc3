#pragma once

#include "base/error.h"
#include "broker/server.h"
#include "config/broker_config.h"

namespace felix::broker {

// As many as the settings say, or by the number of CPUs.
std::uint32_t reactor_count(const config::BrokerConfig& config);

streams::SlowPolicy policy_of(config::QueuePolicy policy);

// What a broker does with its settings. Errors: usage when an address cannot be resolved or is no address, or
// when the settings need more memory than there is (broker/memory_plan.h).
Result<ServerOptions> server_options(const config::BrokerConfig& config);

}  // namespace felix::broker
