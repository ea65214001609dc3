#pragma once
// What a stranger needs to reach a broker that was started for a test.

#include <string>
#include <vector>

#include "bench/broker_process.h"
#include "crypto/tls_session.h"
#include "io/address.h"

namespace felix::test {

io::Address address_of(const bench::BrokerProcess& broker);
// A client's session that trusts the broker and offers `alpn`, or none.
crypto::TlsSession tls_session_with(const bench::BrokerProcess& broker, std::vector<std::string> alpn = {});

}  // namespace felix::test
