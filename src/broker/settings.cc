#include "broker/settings.h"

#include <algorithm>

#include "broker/memory_plan.h"
#include "io/cpu_count.h"

namespace felix::broker {
namespace {

// What a client host may be told to use when a setting has no port; both have one by default.
constexpr std::uint16_t kQuicPort = 5000;
constexpr std::uint16_t kHttpPort = 8080;

Result<io::Address> address_of(const std::string& setting, const std::string& text, std::uint16_t port) {
  auto addresses = io::Address::resolve(text, port);
  if (!addresses) return std::unexpected(with_context(setting, std::move(addresses).error()));
  return addresses->front();
}

transport::TransportConfig transport_of(const config::BrokerConfig& config) {
  transport::TransportConfig transport = ReactorOptions().transport;
  transport.initial_mtu = config.quic.initial_mtu;
  transport.mtu_upper_bound = config.quic.mtu_upper_bound;
  transport.idle_timeout = config.quic.max_idle_timeout;
  transport.keep_alive = config.quic.keepalive;
  transport.first_bidi_streams = config.limits.preauth_max_streams;
  return transport;
}

ReactorOptions reactor_options(const MemoryPlan& plan, std::uint32_t reactors) {
  const config::BrokerConfig& config = plan.settings;
  ReactorOptions options;
  options.transport = transport_of(config);
  options.udp.buffers.receive_bytes = config.quic.udp_recv_buffer_bytes;
  options.udp.buffers.send_bytes = config.quic.udp_send_buffer_bytes;
  options.homes.ring = {config.streams.ring_records, config.streams.ring_bytes};
  options.homes.cache.max_bytes = config.cache.max_bytes;
  if (config.cache.default_ttl.count() > 0) options.homes.cache.default_ttl = config.cache.default_ttl;
  options.homes.retained_bytes = plan.retained_bytes / reactors;
  options.ingress_bytes = plan.ingress_bytes / reactors;
  options.subscription_bytes = plan.subscription_bytes / reactors;
  options.frame_cache_bytes = plan.frame_cache_bytes;
  options.max_frame_bytes = config.limits.max_frame_bytes;
  options.preauth_max_frame_bytes = config.limits.preauth_max_frame_bytes;
  options.preauth_max_streams = config.limits.preauth_max_streams;
  options.auth_timeout = config.limits.auth_timeout;
  options.max_subscriptions = config.limits.max_subscriptions;
  options.subscription.policy = policy_of(config.subscribers.queue_policy);
  options.subscription.bounds = {config.subscribers.queue_capacity, config.subscribers.queue_max_bytes};
  options.stream_policies = config.subscribers.stream_policies;
  options.subscription_max_items = config.subscribers.queue_capacity_max;
  options.event_limits = {config.events.batch_max_events, config.events.batch_max_bytes};
  options.event_delay = config.events.batch_max_delay;
  options.answer_items = config.limits.answer_queue;
  options.channel_publish_bytes = config.limits.publish_inflight_bytes_per_connection;
  options.reactor_publish_bytes = config.limits.publish_inflight_bytes / reactors;
  options.shed_publishes = !config.limits.publish_wait;
  options.publish_window = config.limits.publish_window;
  options.create_on_use = config.node.create_on_use;
  options.busy_poll = config.node.busy_poll;
  return options;
}

}  // namespace

streams::SlowPolicy policy_of(config::QueuePolicy policy) {
  switch (policy) {
    case config::QueuePolicy::drop_new:
      return streams::SlowPolicy::drop_new;
    case config::QueuePolicy::drop_old:
      return streams::SlowPolicy::drop_old;
    case config::QueuePolicy::block:
      return streams::SlowPolicy::block;
  }
  FELIX_UNREACHABLE("queue policy");
}

std::uint32_t reactor_count(const config::BrokerConfig& config) {
  if (config.node.reactors != 0) return config.node.reactors;
  return static_cast<std::uint32_t>(io::default_reactor_count(io::usable_cpus()));
}

Result<ServerOptions> server_options(const config::BrokerConfig& config) {
  ServerOptions options;
  FELIX_TRY(options.listen, address_of("listen.quic", config.listen.quic, kQuicPort));
  FELIX_TRY(options.http, address_of("listen.http", config.listen.http, kHttpPort));
  options.state_dir = config.node.state_directory;
  options.reactors = reactor_count(config);
  FELIX_TRY(options.memory, plan_memory(config, memory_source(config), options.reactors));
  options.reactor = reactor_options(options.memory, options.reactors);
  options.fanout_bytes = options.memory.fanout_bytes;
  const config::BrokerConfig::Limits& limits = options.memory.settings.limits;
  options.admission = {limits.max_connections, limits.max_connections_per_ip};
  options.tls_certificate_path = config.tls.cert_file;
  options.tls_key_path = config.tls.key_file;
  options.tls_client_ca_path = config.tls.client_ca_file;
  options.require_alpn = config.tls.require_alpn;
  options.certificate_names = config.tls.names;
  options.drain_timeout = config.node.drain_timeout;
  return options;
}

}  // namespace felix::broker
