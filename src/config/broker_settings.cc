#include "config/broker_settings.h"

#include <array>

namespace felix::config {
namespace {

using enum SettingType;

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;
constexpr std::uint64_t kGiB = 1024 * kMiB;
constexpr std::uint64_t kMs = 1'000'000;
constexpr std::uint64_t kSecond = 1'000 * kMs;
constexpr std::uint64_t kHour = 3'600 * kSecond;
constexpr std::uint64_t kDay = 24 * kHour;

// Rows without a range.
constexpr Setting plain(std::string_view name, std::string_view env, std::string_view flag, SettingType type,
                        std::string_view fallback, std::string_view sentence) {
  return {.name = name, .env = env, .flag = flag, .type = type, .fallback = fallback, .sentence = sentence};
}
constexpr Setting ranged(std::string_view name, std::string_view env, std::string_view flag, SettingType type,
                         std::string_view fallback, std::uint64_t least, std::uint64_t most,
                         std::string_view sentence) {
  return {.name = name,
          .env = env,
          .flag = flag,
          .type = type,
          .fallback = fallback,
          .least = least,
          .most = most,
          .sentence = sentence};
}
constexpr Setting one_of(std::string_view name, std::string_view env, std::string_view flag,
                         std::string_view words, std::string_view fallback, std::string_view sentence) {
  return {.name = name,
          .env = env,
          .flag = flag,
          .type = word,
          .fallback = fallback,
          .words = words,
          .sentence = sentence};
}

// clang-format off
constexpr std::array kSettings{
    plain("listen.quic", "FELIX_QUIC_BIND", "--quic-bind", address, "0.0.0.0:5000",
          "UDP address where clients connect."),
    plain("listen.http", "FELIX_BROKER_METRICS_BIND", "--metrics-bind", address, "0.0.0.0:8080",
          "TCP address of /live, /ready and /metrics."),

    plain("node.state_directory", "FELIX_STATE_DIR", "--state-dir", path, "",
          "Directory of keys, certificates and metadata; chosen by user when empty."),
    plain("node.region", "FELIX_REGION_ID", "--region", text, "local",
          "Region this broker belongs to."),
    ranged("node.reactors", "FELIX_REACTORS", "--reactors", integer, "0", 0, 64,
           "Reactor threads; 0 chooses by the number of CPUs."),
    ranged("node.memory_max", "FELIX_MEMORY_MAX_BYTES", "--memory-max", size, "0", 0, 1024 * kGiB,
           "Memory the broker may hold; 0 goes by its control group, or takes half of the machine."),
    plain("node.busy_poll", "FELIX_BUSY_POLL", "--busy-poll", boolean, "false",
          "Never sleep: lower latency for a whole CPU per reactor."),
    plain("node.create_on_use", "FELIX_CREATE_ON_USE", "--create-on-use", boolean, "true",
          "Create a stream or cache when someone who may use it first does."),
    ranged("node.drain_timeout", "FELIX_SHUTDOWN_DRAIN_TIMEOUT_MS", "--drain-timeout", duration, "25s", 0, kHour,
           "Longest time a shutdown waits for answers and events in flight."),

    plain("tls.cert", "FELIX_TLS_CERT", "--tls-cert", path, "",
          "Certificate chain in PEM, read again on SIGHUP; self-made when empty."),
    plain("tls.key", "FELIX_TLS_KEY", "--tls-key", path, "",
          "Private key of the certificate in PEM."),
    plain("tls.client_ca", "FELIX_TLS_CLIENT_CA", "--tls-client-ca", path, "",
          "Authorities whose client certificates are required; none are asked for when empty."),
    plain("tls.require_alpn", "FELIX_TLS_REQUIRE_ALPN", "--tls-require-alpn", boolean, "false",
          "Refuse clients that name no application protocol."),
    plain("tls.names", "FELIX_TLS_NAMES", "--tls-names", list, "",
          "Further DNS names and addresses for the self-made certificate."),

    ranged("limits.max_frame", "FELIX_MAX_FRAME_BYTES", "--max-frame", size, "16MiB", kKiB, 256 * kMiB,
           "Largest payload of a frame."),
    ranged("limits.preauth_max_frame", "FELIX_PREAUTH_MAX_FRAME_BYTES", "--preauth-max-frame", size, "64KiB",
           kKiB, 16 * kMiB, "Largest payload of a frame before authentication."),
    ranged("limits.preauth_max_streams", "FELIX_PREAUTH_MAX_STREAMS_PER_CONN", "--preauth-max-streams", integer,
           "16", 1, 65535, "QUIC streams a connection may open before authentication."),
    ranged("limits.auth_timeout", "FELIX_AUTH_TIMEOUT_MS", "--auth-timeout", duration, "10s", 0, kHour,
           "Time to authenticate before a connection is closed; 0 waits for ever."),
    ranged("limits.max_connections", "FELIX_MAX_CLIENT_CONNECTIONS", "--max-connections", integer, "8192", 0,
           1'000'000, "Client connections at once; 0 is as many as node.memory_max has room for."),
    ranged("limits.max_connections_per_ip", "FELIX_MAX_CLIENT_CONNECTIONS_PER_IP", "--max-connections-per-ip",
           integer, "512", 0, 1'000'000, "Client connections at once from one address; 0 is no limit."),
    ranged("limits.max_subscriptions", "FELIX_MAX_SUBSCRIPTIONS_PER_CONN", "--max-subscriptions", integer,
           "4096", 1, 1'000'000, "Subscriptions of one connection."),
    ranged("limits.publish_inflight", "FELIX_PUBLISH_INFLIGHT_MAX_BYTES", "--publish-inflight", size, "64MiB",
           kMiB, 64 * kGiB, "Published bytes the broker holds before they are appended."),
    ranged("limits.publish_inflight_per_connection", "FELIX_PUBLISH_INFLIGHT_MAX_BYTES_PER_CONN",
           "--publish-inflight-per-connection", size, "16MiB", 64 * kKiB, 64 * kGiB,
           "The same for one QUIC stream of a connection."),
    plain("limits.publish_wait", "FELIX_PUB_INGRESS_WAIT", "--publish-wait", boolean, "true",
          "Publishers over these wait and lose nothing; false refuses or drops what is too much."),
    ranged("limits.publish_window", "FELIX_PUBLISH_WINDOW", "--publish-window", integer, "256", 0, 1'000'000,
           "Acked publishes a stream may have unanswered, where a client asks; 0 grants none."),
    ranged("limits.answer_queue", "FELIX_ANSWER_QUEUE_DEPTH", "--answer-queue", integer, "2048", 16, 1'000'000,
           "Answers waiting on one stream before its requests are no longer read."),

    ranged("events.batch_max_events", "FELIX_EVENT_BATCH_MAX_EVENTS", "--event-batch-max-events", integer, "64",
           1, 65536, "Records in one event frame."),
    ranged("events.batch_max_bytes", "FELIX_EVENT_BATCH_MAX_BYTES", "--event-batch-max-bytes", size, "64KiB",
           64, 16 * kMiB, "Bytes of records in one event frame; one larger record still goes alone."),
    ranged("events.batch_max_delay", "FELIX_EVENT_BATCH_MAX_DELAY_US", "--event-batch-max-delay", duration, "0",
           0, kSecond, "Longest time a record waits for company; 0 sends what is there at once."),

    ranged("subscribers.queue_capacity", "FELIX_SUBSCRIBER_QUEUE_CAPACITY", "--subscriber-queue-capacity",
           integer, "512", 1, 1'000'000, "Batches waiting for one subscriber that asks for no other number."),
    ranged("subscribers.queue_capacity_max", "FELIX_SUBSCRIBER_QUEUE_CAPACITY_MAX",
           "--subscriber-queue-capacity-max", integer, "4096", 1, 1'000'000,
           "Batches a subscriber may ask for."),
    ranged("subscribers.queue_max_bytes", "FELIX_SUB_QUEUE_MAX_BYTES", "--subscriber-queue-max-bytes", size,
           "256MiB", 64 * kKiB, 64 * kGiB, "Bytes waiting for one subscriber."),
    one_of("subscribers.queue_policy", "FELIX_SUB_QUEUE_POLICY", "--subscriber-queue-policy",
           "drop_new|drop_old|block", "drop_new", "What gives way when a subscriber's queue is full."),
    plain("subscribers.stream_policies", "FELIX_SUB_STREAM_POLICIES", "--subscriber-stream-policies", list, "",
          "The same by stream: TENANT/NAMESPACE/STREAM=POLICY[:QUEUE], * for any; the first counts."),

    ranged("streams.ring_records", "FELIX_RING_RECORDS", "--ring-records", integer, "1024", 1, 100'000'000,
           "Records each in-memory stream keeps for late subscribers."),
    ranged("streams.ring_bytes", "FELIX_RING_MAX_BYTES", "--ring-bytes", size, "64MiB", 64 * kKiB, 1024 * kGiB,
           "Bytes each in-memory stream keeps for late subscribers."),

    ranged("cache.max_bytes", "FELIX_CACHE_MAX_BYTES", "--cache-max-bytes", size, "256MiB", 64 * kKiB,
           1024 * kGiB, "Bytes of each cache; beyond it the least recently used entries go."),
    ranged("cache.default_ttl", "FELIX_CACHE_DEFAULT_TTL_MS", "--cache-default-ttl", duration, "0", 0,
           3650 * kDay, "Life of an entry put without one; 0 keeps it."),

    ranged("quic.initial_mtu", "FELIX_INITIAL_MTU", "--initial-mtu", integer, "1200", 1200, 65000,
           "Bytes of UDP payload a connection starts with."),
    ranged("quic.mtu_upper_bound", "FELIX_MTU_UPPER_BOUND", "--mtu-upper-bound", integer, "0", 0, 65000,
           "Largest UDP payload that is tried; 0 goes by what the route of each connection carries."),
    ranged("quic.udp_send_buffer", "FELIX_UDP_SEND_BUFFER", "--udp-send-buffer", size, "8MiB", 64 * kKiB, kGiB,
           "Send buffer asked of the kernel, a socket."),
    ranged("quic.udp_recv_buffer", "FELIX_UDP_RECV_BUFFER", "--udp-recv-buffer", size, "8MiB", 64 * kKiB, kGiB,
           "Receive buffer asked of the kernel, a socket."),
    ranged("quic.max_idle_timeout", "FELIX_MAX_IDLE_TIMEOUT_MS", "--max-idle-timeout", duration, "6s",
           100 * kMs, kHour, "Silence after which a connection is given up."),
    ranged("quic.keepalive", "FELIX_KEEPALIVE_MS", "--keepalive", duration, "2s", 0, kHour,
           "Silence after which the peer is asked for a sign of life; 0 never asks."),

    one_of("log.format", "FELIX_LOG_FORMAT", "--log-format", "text|json", "text",
           "Form of the log lines on standard error."),
    plain("log.level", "FELIX_LOG", "--log-level", text, "info",
          "Least level shown, then exceptions by module: info,transport=debug."),
};
// clang-format on

}  // namespace

std::span<const Setting> broker_settings() { return kSettings; }

}  // namespace felix::config
