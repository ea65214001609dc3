#include "config/broker_config.h"

#include <catch2/catch_test_macros.hpp>

#include "config/broker_settings.h"

using namespace felix;

namespace {

Result<config::BrokerConfig> configure(std::string_view file) {
  const auto values = config::load(config::broker_settings(),
                                   {.flags = {}, .environment = {}, .file_path = "felix.toml"}, file);
  REQUIRE(values);
  return config::make_broker_config(
      *values, {.state_directory = "/state", .config_directory = "/config", .remark = ""});
}

std::string refusal(std::string_view file) {
  const auto built = configure(file);
  return built ? "accepted" : built.error().context;
}

}  // namespace

TEST_CASE("the defaults fill every field") {
  const auto built = configure("");
  REQUIRE(built);
  CHECK(built->listen.quic == "0.0.0.0:5000");
  CHECK(built->listen.http == "0.0.0.0:8080");
  CHECK(built->node.state_directory == "/state");
  CHECK(built->node.region == "local");
  CHECK(built->node.reactors == 0);
  CHECK(built->node.create_on_use);
  CHECK_FALSE(built->node.busy_poll);
  CHECK(built->node.drain_timeout == std::chrono::seconds(25));
  CHECK(built->limits.max_frame_bytes == 16u << 20);
  CHECK(built->limits.preauth_max_frame_bytes == 64u << 10);
  CHECK(built->limits.preauth_max_streams == 16);
  CHECK(built->limits.auth_timeout == std::chrono::seconds(10));
  CHECK(built->limits.max_connections == 8192);
  CHECK(built->limits.max_connections_per_ip == 512);
  CHECK(built->limits.max_subscriptions == 4096);
  CHECK(built->limits.publish_inflight_bytes == 64u << 20);
  CHECK(built->limits.publish_inflight_bytes_per_connection == 16u << 20);
  CHECK(built->limits.answer_queue == 2048);
  CHECK(built->events.batch_max_events == 64);
  CHECK(built->events.batch_max_bytes == 64u << 10);
  CHECK(built->events.batch_max_delay == Duration(0));
  CHECK(built->subscribers.queue_capacity == 512);
  CHECK(built->subscribers.queue_capacity_max == 4096);
  CHECK(built->subscribers.queue_max_bytes == 256u << 20);
  CHECK(built->subscribers.queue_policy == config::QueuePolicy::drop_new);
  CHECK(built->streams.ring_records == 1024);
  CHECK(built->streams.ring_bytes == 64u << 20);
  CHECK(built->cache.max_bytes == 256u << 20);
  CHECK(built->cache.default_ttl == Duration(0));
  CHECK(built->quic.initial_mtu == 1200);
  CHECK(built->quic.mtu_upper_bound == 0);
  CHECK(built->quic.udp_send_buffer_bytes == 8u << 20);
  CHECK(built->quic.udp_recv_buffer_bytes == 8u << 20);
  CHECK(built->quic.max_idle_timeout == std::chrono::seconds(6));
  CHECK(built->quic.keepalive == std::chrono::seconds(2));
  CHECK(built->log.format == telemetry::LogFormat::text);
  CHECK(built->log.levels.general == telemetry::Level::info);
}

TEST_CASE("what was set reaches its field") {
  const auto built = configure(
      "node.state_directory = \"/elsewhere\"\nsubscribers.queue_policy = \"drop_old\"\nlog.format = "
      "\"json\"\n"
      "log.level = \"warn,transport=debug\"\ntls.cert = \"c\"\ntls.key = \"k\"\ntls.names = [\"n\"]\n");
  REQUIRE(built);
  CHECK(built->node.state_directory == "/elsewhere");
  CHECK(built->subscribers.queue_policy == config::QueuePolicy::drop_old);
  CHECK(built->log.format == telemetry::LogFormat::json);
  CHECK(built->log.levels.level_of("transport") == telemetry::Level::debug);
  CHECK(built->tls.cert_file == "c");
  CHECK(built->tls.key_file == "k");
  CHECK(built->tls.names == std::vector<std::string>{"n"});
}

TEST_CASE("settings that contradict each other are refused with both places") {
  CHECK(refusal("tls.cert = \"c\"\n") == "tls.cert (c, from felix.toml:1) needs tls.key as well");
  CHECK(refusal("tls.key = \"k\"\n") == "tls.key (k, from felix.toml:1) needs tls.cert as well");
  CHECK(refusal("quic.initial_mtu = 5000\nquic.mtu_upper_bound = 4096\n") ==
        "quic.initial_mtu (5000, from felix.toml:1) must not be above quic.mtu_upper_bound (4096, from "
        "felix.toml:2)");
  CHECK(refusal("limits.max_frame = \"32KiB\"\n")
            .starts_with("limits.preauth_max_frame (64KiB, from the default)"));
  CHECK(refusal("subscribers.queue_capacity = 5000\n") != "accepted");
  CHECK(refusal("limits.publish_inflight = \"1MiB\"\n") != "accepted");
  CHECK(refusal("quic.keepalive = \"7s\"\n") != "accepted");
  CHECK(refusal("log.level = \"loud\"\n").starts_with("felix.toml:1: log.level: "));
}
