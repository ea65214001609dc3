#include "config/broker_config.h"

namespace felix::config {
namespace {

// What a setting is set to and where, for a message.
std::string set_to(const Values& values, std::string_view name) {
  const Setting& setting = *find_by_name(values.table(), name);
  const auto index = static_cast<std::size_t>(&setting - values.table().data());
  return std::string(name) + " (" + format_value(setting, values.value(index)) + ", from " +
         values.place(name) + ")";
}

Status ordered(const Values& values, std::string_view lower, std::string_view upper, bool is_ordered) {
  if (is_ordered) return {};
  return fail(Errc::usage, set_to(values, lower) + " must not be above " + set_to(values, upper));
}

Result<std::vector<StreamPolicy>> stream_policies(const Values& values) {
  constexpr std::string_view kName = "subscribers.stream_policies";
  std::vector<StreamPolicy> policies;
  for (const std::string& item : values.list(kName)) {
    auto policy = parse_stream_policy(item);
    if (!policy)
      return std::unexpected(
          with_context(values.place(kName) + ": " + std::string(kName), std::move(policy).error()));
    policies.push_back(*std::move(policy));
  }
  return policies;
}

BrokerConfig fill(const Values& values, const Places& places) {
  const auto u32 = [&](std::string_view name) { return static_cast<std::uint32_t>(values.number(name)); };
  const std::string& state_directory = values.text("node.state_directory");
  BrokerConfig config;
  config.listen = {values.text("listen.quic"), values.text("listen.http")};
  config.node = {state_directory.empty() ? places.state_directory : state_directory,
                 values.text("node.region"),
                 u32("node.reactors"),
                 values.number("node.memory_max"),
                 values.boolean("node.busy_poll"),
                 values.boolean("node.create_on_use"),
                 values.duration("node.drain_timeout")};
  config.tls = {values.text("tls.cert"), values.text("tls.key"), values.text("tls.client_ca"),
                values.boolean("tls.require_alpn"), values.list("tls.names")};
  config.limits = {u32("limits.max_frame"),
                   u32("limits.preauth_max_frame"),
                   u32("limits.preauth_max_streams"),
                   values.duration("limits.auth_timeout"),
                   u32("limits.max_connections"),
                   u32("limits.max_connections_per_ip"),
                   u32("limits.max_subscriptions"),
                   values.number("limits.publish_inflight"),
                   values.number("limits.publish_inflight_per_connection"),
                   values.boolean("limits.publish_wait"),
                   u32("limits.publish_window"),
                   u32("limits.answer_queue")};
  config.events = {u32("events.batch_max_events"), values.number("events.batch_max_bytes"),
                   values.duration("events.batch_max_delay")};
  config.subscribers = {u32("subscribers.queue_capacity"),
                        u32("subscribers.queue_capacity_max"),
                        values.number("subscribers.queue_max_bytes"),
                        *parse_queue_policy(values.text("subscribers.queue_policy")),
                        {}};
  config.streams = {values.number("streams.ring_records"), values.number("streams.ring_bytes")};
  config.cache = {values.number("cache.max_bytes"), values.duration("cache.default_ttl")};
  config.quic = {static_cast<std::uint16_t>(values.number("quic.initial_mtu")),
                 static_cast<std::uint16_t>(values.number("quic.mtu_upper_bound")),
                 values.number("quic.udp_send_buffer"),
                 values.number("quic.udp_recv_buffer"),
                 values.duration("quic.max_idle_timeout"),
                 values.duration("quic.keepalive")};
  config.log.format =
      values.text("log.format") == "json" ? telemetry::LogFormat::json : telemetry::LogFormat::text;
  config.given = {
      values.given("limits.max_frame"),        values.given("limits.max_connections"),
      values.given("limits.publish_inflight"), values.given("limits.publish_inflight_per_connection"),
      values.given("quic.udp_send_buffer"),    values.given("quic.udp_recv_buffer"),
      values.given("streams.ring_bytes"),      values.given("cache.max_bytes")};
  return config;
}

}  // namespace

Result<BrokerConfig> make_broker_config(const Values& values, const Places& places) {
  BrokerConfig config = fill(values, places);
  if (config.tls.cert_file.empty() != config.tls.key_file.empty())
    return fail(Errc::usage, config.tls.cert_file.empty()
                                 ? set_to(values, "tls.key") + " needs tls.cert as well"
                                 : set_to(values, "tls.cert") + " needs tls.key as well");
  FELIX_CHECK(ordered(values, "limits.preauth_max_frame", "limits.max_frame",
                      config.limits.preauth_max_frame_bytes <= config.limits.max_frame_bytes));
  FELIX_CHECK(
      ordered(values, "limits.publish_inflight_per_connection", "limits.publish_inflight",
              config.limits.publish_inflight_bytes_per_connection <= config.limits.publish_inflight_bytes));
  FELIX_CHECK(ordered(values, "subscribers.queue_capacity", "subscribers.queue_capacity_max",
                      config.subscribers.queue_capacity <= config.subscribers.queue_capacity_max));
  FELIX_CHECK(
      ordered(values, "quic.initial_mtu", "quic.mtu_upper_bound",
              config.quic.mtu_upper_bound == 0 || config.quic.initial_mtu <= config.quic.mtu_upper_bound));
  FELIX_CHECK(ordered(values, "quic.keepalive", "quic.max_idle_timeout",
                      config.quic.keepalive <= config.quic.max_idle_timeout));
  FELIX_TRY(config.subscribers.stream_policies, stream_policies(values));
  auto levels = telemetry::parse_level_spec(values.text("log.level"));
  if (!levels)
    return std::unexpected(with_context(values.place("log.level") + ": log.level", levels.error()));
  config.log.levels = std::move(*levels);
  return config;
}

}  // namespace felix::config
