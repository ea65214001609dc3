#pragma once
// The metrics of one reactor, by the names operators of Felix know. Always on.

#include "broker/access_policy.h"
#include "telemetry/metrics.h"

namespace felix::broker {

struct Metrics {
  explicit Metrics(telemetry::MetricSet& set);

  telemetry::Counter& publish_ok;
  telemetry::Counter& publish_accepted;  // un-acked, appended
  telemetry::Counter& publish_dropped;   // un-acked, and could not be appended
  telemetry::Counter& publish_error;
  telemetry::Counter& publish_bytes;
  telemetry::Counter& published_records;
  telemetry::HistogramMetric& publish_latency;  // request read → answer queued

  telemetry::Counter& subscribe_ok;
  telemetry::Counter& subscribe_error;
  telemetry::Counter& delivered_bytes;
  telemetry::Counter& delivered_records;
  telemetry::Counter& dropped_queue_full;
  telemetry::Counter& dropped_oldest;
  telemetry::Counter& dropped_memory;
  telemetry::Counter& subscriptions_lagged;
  telemetry::Counter& queue_enqueued;
  telemetry::Counter& queue_dequeued;
  telemetry::Gauge& queue_length;
  telemetry::Gauge& queue_tables;
  telemetry::Gauge& subscriptions;
  telemetry::HistogramMetric& delivery_latency;  // appended → handed to the transport

  telemetry::Counter& cache_hits;
  telemetry::Counter& cache_misses;
  telemetry::Counter& cache_puts;
  telemetry::Counter& cache_deletes;
  telemetry::Counter& cache_errors;
  telemetry::Gauge& cache_bytes;
  telemetry::Gauge& cache_entries;
  telemetry::Gauge& cache_evicted;
  telemetry::Gauge& cache_expired;

  telemetry::Gauge& connections;
  telemetry::Gauge& inflight_requests;
  telemetry::Gauge& answer_depth;
  telemetry::Counter& quic_connections_refused;
  telemetry::Counter& quic_handshake_failures;
  telemetry::Counter& quic_auth_timeouts;
  telemetry::Counter& quic_protocol_violations;
  telemetry::Counter& quic_excesses;
  telemetry::Counter& quic_retries;
  telemetry::Counter& quic_resets;
  telemetry::Counter& quic_answers_withheld;
  telemetry::Counter& auth_ok;
  telemetry::Counter& auth_failed;
  // Streams ended because their principal may not stay.
  telemetry::Counter& auth_expired;
  telemetry::Counter& auth_revoked;
  telemetry::Counter& auth_key_withdrawn;
  telemetry::Counter& sent_away(Objection why) {
    return why == Objection::expired   ? auth_expired
           : why == Objection::revoked ? auth_revoked
                                       : auth_key_withdrawn;
  }
  telemetry::Counter& auth_known_bad;
  telemetry::Gauge& udp_bytes_received;
  telemetry::Gauge& udp_bytes_sent;
  telemetry::Gauge& udp_datagrams_received;
  telemetry::Gauge& udp_datagrams_sent;
  telemetry::Gauge& udp_foreign_packets;
  telemetry::Counter& udp_foreign_dropped;
  telemetry::Gauge& transit_bytes;  // on their way to other reactors
  telemetry::Counter& failures;
  telemetry::Counter& frames_refused;
  telemetry::Counter& backpressure_pauses;
  telemetry::Counter& ingress_waited;
  telemetry::Counter& ingress_rejected;
  telemetry::Counter& ingress_dropped;
};

}  // namespace felix::broker
