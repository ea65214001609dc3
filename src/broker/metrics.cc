#include "broker/metrics.h"

namespace felix::broker {
namespace {

using telemetry::HistogramShape;

constexpr const char* kPublishRequests = "Publish requests, by what became of them.";
constexpr const char* kSubscribeRequests = "Subscribe requests, by result.";
constexpr const char* kQueueDropped = "Records a full subscriber queue shed, by reason.";
constexpr const char* kAuthRequests = "Streams that presented a token, by result.";
constexpr const char* kAuthEnded = "Streams ended because whoever opened them may not stay, by reason.";
constexpr const char* kCacheRequests = "Cache requests, by operation and result.";

}  // namespace

Metrics::Metrics(telemetry::MetricSet& set)
    : publish_ok(set.counter("felix_publish_requests_total", kPublishRequests, {{"result", "ok"}})),
      publish_accepted(
          set.counter("felix_publish_requests_total", kPublishRequests, {{"result", "accepted"}})),
      publish_dropped(set.counter("felix_publish_requests_total", kPublishRequests, {{"result", "dropped"}})),
      publish_error(set.counter("felix_publish_requests_total", kPublishRequests, {{"result", "error"}})),
      publish_bytes(set.counter("felix_publish_bytes_total", "Payload bytes appended to streams.")),
      published_records(set.counter("felix_published_records_total", "Records appended to streams.")),
      publish_latency(set.histogram("felix_publish_latency_ms", "From a publish read to its answer queued.",
                                    HistogramShape::nanoseconds_as_milliseconds())),
      subscribe_ok(set.counter("felix_subscribe_requests_total", kSubscribeRequests, {{"result", "ok"}})),
      subscribe_error(
          set.counter("felix_subscribe_requests_total", kSubscribeRequests, {{"result", "error"}})),
      delivered_bytes(set.counter("felix_subscribe_bytes_total", "Bytes of records handed to subscribers.")),
      delivered_records(set.counter("felix_subscribe_records_total", "Records handed to subscribers.")),
      dropped_queue_full(
          set.counter("felix_sub_queue_dropped_total", kQueueDropped, {{"reason", "queue_full_new"}})),
      dropped_oldest(
          set.counter("felix_sub_queue_dropped_total", kQueueDropped, {{"reason", "queue_full_old"}})),
      dropped_memory(set.counter("felix_sub_queue_dropped_total", kQueueDropped, {{"reason", "memory"}})),
      subscriptions_lagged(set.counter("felix_subscriptions_lagged_total",
                                       "Times a subscriber became too slow for its queue.")),
      queue_enqueued(set.counter("felix_sub_queue_enqueued_total", "Batches put into subscriber queues.")),
      queue_dequeued(set.counter("felix_sub_queue_dequeued_total", "Batches taken from subscriber queues.")),
      queue_length(set.gauge("felix_sub_queue_len", "Batches waiting in subscriber queues.")),
      queue_tables(set.gauge("felix_sub_queue_table_bytes",
                             "Memory of subscriber queues beside the records in them.")),
      subscriptions(set.gauge("felix_sub_connection_subscribers", "Subscriptions being served.")),
      delivery_latency(
          set.histogram("felix_publish_to_deliver_seconds",
                        "From a record appended to its bytes handed to the transport, per batch.",
                        HistogramShape::nanoseconds_as_seconds())),
      cache_hits(
          set.counter("felix_cache_requests_total", kCacheRequests, {{"op", "get"}, {"result", "hit"}})),
      cache_misses(
          set.counter("felix_cache_requests_total", kCacheRequests, {{"op", "get"}, {"result", "miss"}})),
      cache_puts(
          set.counter("felix_cache_requests_total", kCacheRequests, {{"op", "put"}, {"result", "ok"}})),
      cache_deletes(
          set.counter("felix_cache_requests_total", kCacheRequests, {{"op", "delete"}, {"result", "ok"}})),
      cache_errors(
          set.counter("felix_cache_requests_total", kCacheRequests, {{"op", "any"}, {"result", "error"}})),
      cache_bytes(set.gauge("felix_cache_bytes", "Bytes held by caches, expired entries included.")),
      cache_entries(set.gauge("felix_cache_entries", "Entries held by caches, expired ones included.")),
      cache_evicted(set.gauge("felix_cache_evicted", "Entries evicted at the size cap since start.")),
      cache_expired(set.gauge("felix_cache_expired", "Entries removed after their time since start.")),
      connections(set.gauge("felix_connections", "Client connections.")),
      inflight_requests(set.gauge("felix_inflight_requests", "Requests read and not yet answered.")),
      answer_depth(set.gauge("felix_broker_out_ack_depth", "Answers waiting for an earlier one.")),
      quic_connections_refused(
          set.counter("felix_quic_connections_refused_total", "Connections refused in the handshake.")),
      quic_handshake_failures(set.counter("felix_quic_handshake_failures_total", "Handshakes that failed.")),
      quic_auth_timeouts(set.counter("felix_quic_auth_timeout_total",
                                     "Connections closed because no stream authenticated.")),
      quic_protocol_violations(set.counter("felix_quic_protocol_violation_total",
                                           "Connections ended because the peer broke QUIC.")),
      quic_excesses(set.counter("felix_quic_excess_total",
                                "Of these, peers that said too much that leads to nothing.")),
      quic_retries(set.counter("felix_quic_retries_total",
                               "Handshakes put off until the peer has proved its address.")),
      quic_resets(set.counter("felix_quic_resets_total", "Stateless resets sent to unknown connections.")),
      quic_answers_withheld(set.counter("felix_quic_answers_withheld_total",
                                        "Retries, refusals, resets and version lists not sent: too many.")),
      auth_ok(set.counter("felix_auth_requests_total", kAuthRequests, {{"result", "ok"}})),
      auth_failed(set.counter("felix_auth_requests_total", kAuthRequests, {{"result", "refused"}})),
      auth_expired(set.counter("felix_auth_ended_total", kAuthEnded, {{"reason", "expired"}})),
      auth_revoked(set.counter("felix_auth_ended_total", kAuthEnded, {{"reason", "revoked"}})),
      auth_key_withdrawn(set.counter("felix_auth_ended_total", kAuthEnded, {{"reason", "key_withdrawn"}})),
      auth_known_bad(set.counter("felix_auth_known_bad_total",
                                 "Tokens refused without a look at their signature since the start.")),
      udp_bytes_received(set.gauge("felix_udp_received_bytes", "UDP payload bytes received since start.")),
      udp_bytes_sent(set.gauge("felix_udp_sent_bytes", "UDP payload bytes sent since start.")),
      udp_datagrams_received(set.gauge("felix_udp_received_datagrams", "Datagrams received since start.")),
      udp_datagrams_sent(set.gauge("felix_udp_sent_datagrams", "Datagrams sent since start.")),
      udp_foreign_packets(
          set.gauge("felix_udp_foreign_packets", "Packets that reached the wrong reactor since start.")),
      udp_foreign_dropped(
          set.counter("felix_udp_foreign_dropped_total", "Such packets the right reactor had no room for.")),
      transit_bytes(set.gauge("felix_reactor_transit_bytes",
                              "Bytes on their way from a reactor to another, not yet taken.")),
      failures(set.counter("felix_handler_failures_total",
                           "Streams ended and requests refused by a defect of the broker.")),
      frames_refused(set.counter("felix_frames_refused_total", "Frames that broke the protocol.")),
      backpressure_pauses(set.counter("felix_backpressure_pauses_total",
                                      "Times a stream was not read because its answers pile up.")),
      ingress_waited(set.counter("felix_broker_ingress_waited_total",
                                 "Times a stream was not read because its publishes are over the budget.")),
      ingress_rejected(set.counter("felix_broker_ingress_rejected_total",
                                   "Acked publishes over the budget that were refused.")),
      ingress_dropped(set.counter("felix_broker_ingress_dropped_total",
                                  "Un-acked publishes over the budget that were dropped.")) {}

}  // namespace felix::broker
