// What a reactor does once in a while: its sessions' deadlines, what caches hold too long, its gauges.

#include "broker/reactor.h"

namespace felix::broker {
namespace {

constexpr Duration kHousekeepingInterval = std::chrono::milliseconds(100);
constexpr Duration kDrainPoll = std::chrono::milliseconds(5);

}  // namespace

void Reactor::look_after_sessions() {
  housekeeping_->arm(now() + (draining() ? kDrainPoll : kHousekeepingInterval));
  wall_ = clock().wall_now();
  for (auto& [id, session] : sessions_) session->look_after(now());
  homes_.sweep(now());
  flow::age_frame_cache();
  publish_gauges();
}

void Reactor::publish_gauges() {
  auto as_gauge = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
  const transport::EndpointCounters& endpoint = endpoint_->counters();
  auto catch_up = [](telemetry::Counter& counter, std::uint64_t total) {
    counter.add(total - counter.value());
  };
  catch_up(metrics_.quic_connections_refused, endpoint.connections_refused);
  catch_up(metrics_.quic_handshake_failures, endpoint.handshake_failures);
  catch_up(metrics_.quic_protocol_violations, endpoint.protocol_violations);
  catch_up(metrics_.quic_excesses, endpoint.excesses);
  catch_up(metrics_.quic_retries, endpoint.retries_sent);
  catch_up(metrics_.quic_resets, endpoint.resets_sent);
  catch_up(metrics_.quic_answers_withheld, endpoint.answers_withheld);
  catch_up(metrics_.auth_known_bad, authenticator_.known_bad());
  metrics_.udp_bytes_received.set(as_gauge(endpoint.bytes_received));
  metrics_.udp_bytes_sent.set(as_gauge(endpoint.bytes_sent));
  metrics_.udp_datagrams_received.set(as_gauge(endpoint.datagrams_received));
  metrics_.udp_datagrams_sent.set(as_gauge(endpoint.datagrams_sent));
  metrics_.udp_foreign_packets.set(as_gauge(endpoint.foreign_packets));
  std::size_t transit = 0;
  for (std::uint32_t to = 0; to < count_; ++to) transit += lane_to(to).bytes_on_the_way();
  metrics_.transit_bytes.set(as_gauge(transit));
  const Homes::CacheTotals cache = homes_.cache_totals();
  accounts_.table_bytes.store(cache.table_bytes, std::memory_order_relaxed);
  std::size_t waiting_answers = 0;
  std::size_t answer_bytes = 0;
  for (const auto& [id, session] : sessions_) {
    waiting_answers += session->waiting_answers();
    answer_bytes += session->answer_bytes();
  }
  metrics_.answer_depth.set(as_gauge(waiting_answers));
  accounts_.answer_bytes.store(answer_bytes, std::memory_order_relaxed);
  metrics_.cache_bytes.set(as_gauge(cache.bytes));
  metrics_.cache_entries.set(as_gauge(cache.entries));
  metrics_.cache_evicted.set(as_gauge(cache.evicted));
  metrics_.cache_expired.set(as_gauge(cache.expired));
}

}  // namespace felix::broker
