#include "reliability/broker_peer.h"

#include <chrono>

#include "crypto/pem_file.h"
#include "crypto/tls_context.h"

namespace felix::test {

io::Address address_of(const bench::BrokerProcess& broker) {
  return io::Address::parse(broker.client_options().servers.front()).value();
}

crypto::TlsSession tls_session_with(const bench::BrokerProcess& broker, std::vector<std::string> alpn) {
  crypto::TlsClientOptions options;
  options.ca = crypto::read_pem_file(broker.client_options().ca_file).value();
  options.server_name = address_of(broker).host_string();
  options.offer_alpn = !alpn.empty();
  options.alpn = std::move(alpn);
  const WallTime now = std::chrono::system_clock::now();
  const auto context = crypto::TlsClientContext::create(options, now).value();
  return context->make_session(now).value();
}

}  // namespace felix::test
