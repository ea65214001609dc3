#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "config/load.h"
#include "config/places.h"
#include "config/stream_policy.h"
#include "telemetry/level.h"
#include "telemetry/log_line.h"

namespace felix::config {

// The settings of `felix broker`, typed and checked against each other. The meaning, default and range of
// each are in broker_settings.cc, under the same words.
struct BrokerConfig {
  struct Listen {
    std::string quic;
    std::string http;
  } listen;
  struct Node {
    std::string state_directory;  // never empty
    std::string region;
    std::uint32_t reactors = 0;          // 0 = by CPUs
    std::uint64_t memory_max_bytes = 0;  // 0 = by what there is
    bool busy_poll = false;
    bool create_on_use = true;
    Duration drain_timeout{};
  } node;
  struct Tls {
    std::string cert_file;  // empty with key_file: self-made
    std::string key_file;
    std::string client_ca_file;
    bool require_alpn = false;
    std::vector<std::string> names;
  } tls;
  struct Limits {
    std::uint32_t max_frame_bytes = 0;
    std::uint32_t preauth_max_frame_bytes = 0;
    std::uint32_t preauth_max_streams = 0;
    Duration auth_timeout{};                   // 0 = off
    std::uint32_t max_connections = 0;         // 0 = unlimited
    std::uint32_t max_connections_per_ip = 0;  // 0 = unlimited
    std::uint32_t max_subscriptions = 0;
    std::uint64_t publish_inflight_bytes = 0;
    std::uint64_t publish_inflight_bytes_per_connection = 0;
    bool publish_wait = true;
    std::uint32_t publish_window = 0;  // 0 = none granted
    std::uint32_t answer_queue = 0;
  } limits;
  struct Events {
    std::uint32_t batch_max_events = 0;
    std::uint64_t batch_max_bytes = 0;
    Duration batch_max_delay{};
  } events;
  struct Subscribers {
    std::uint32_t queue_capacity = 0;
    std::uint32_t queue_capacity_max = 0;
    std::uint64_t queue_max_bytes = 0;
    QueuePolicy queue_policy = QueuePolicy::drop_new;
    std::vector<StreamPolicy> stream_policies;  // the first that applies counts
  } subscribers;
  struct Streams {
    std::uint64_t ring_records = 0;
    std::uint64_t ring_bytes = 0;
  } streams;
  struct Cache {
    std::uint64_t max_bytes = 0;
    Duration default_ttl{};  // 0 = entries stay
  } cache;
  struct Quic {
    std::uint16_t initial_mtu = 0;
    std::uint16_t mtu_upper_bound = 0;  // 0 = by the path
    std::uint64_t udp_send_buffer_bytes = 0;
    std::uint64_t udp_recv_buffer_bytes = 0;
    Duration max_idle_timeout{};
    Duration keepalive{};  // 0 = off
  } quic;
  struct Log {
    telemetry::LogFormat format = telemetry::LogFormat::text;
    telemetry::LevelSpec levels;
  } log;
  // Which of the settings that take memory somebody wrote: the others follow node.memory_max.
  struct Given {
    bool max_frame = false;
    bool max_connections = false;
    bool publish_inflight = false;
    bool publish_inflight_per_connection = false;
    bool udp_send_buffer = false;
    bool udp_recv_buffer = false;
    bool ring_bytes = false;
    bool cache_bytes = false;
  } given;
};

// `values` are of broker_settings(); `places` fills in the state directory. Errc::usage names two settings
// that contradict each other, and where they were written.
Result<BrokerConfig> make_broker_config(const Values& values, const Places& places);

}  // namespace felix::config
