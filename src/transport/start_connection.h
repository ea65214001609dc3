#pragma once
// Makes the ngtcp2 side of a new connection. Included by the files of this module only.

#include <ngtcp2/ngtcp2.h>

#include "transport/connection_quic.h"

namespace felix::transport {

ngtcp2_settings settings_for(const TransportConfig& config, MonoTime now);
ngtcp2_transport_params parameters_for(const TransportConfig& config);

}  // namespace felix::transport
