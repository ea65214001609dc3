#pragma once
// What the broker holds of what its plan allows (broker/memory_plan.h), over all reactors: what /metrics
// shows and what the fan-out account is measured by.

#include <atomic>
#include <cstddef>
#include <vector>

#include "flow/budget.h"
#include "telemetry/metrics.h"
#include "transport/receive_window.h"

namespace felix::broker {

// One reactor's part, written by it, read by all.
struct ReactorAccounts {
  ReactorAccounts(const flow::Budget& retained_account, std::size_t ingress_bytes,
                  std::size_t subscription_bytes, const telemetry::Gauge& queue_table_bytes)
      : retained(retained_account),
        ingress(ingress_bytes),
        subscriptions(subscription_bytes),
        queue_tables(queue_table_bytes) {}

  const flow::Budget& retained;  // ring logs and caches
  transport::IngressAccount ingress;
  flow::Budget subscriptions;                  // their state; what waits in their queues is fan-out
  const telemetry::Gauge& queue_tables;        // bytes of subscribers' queues beside the frames in them
  std::atomic<std::size_t> table_bytes{0};     // of `retained`, not in frames; as of the last look around
  std::atomic<std::size_t> fanout_holders{0};  // subscriptions that hold much; only while the account fills
  std::atomic<std::size_t> answer_bytes{0};    // written, and behind an answer that is not; the same
};

class MemoryAccounts {
 public:
  MemoryAccounts(std::size_t fanout_bytes, std::size_t control_bytes)
      : fanout_limit_bytes_(fanout_bytes), control_limit_bytes_(control_bytes) {}
  MemoryAccounts(const MemoryAccounts&) = delete;
  MemoryAccounts& operator=(const MemoryAccounts&) = delete;

  // Before any reactor runs. `reactor` must live until the last of them has ended.
  void add(const ReactorAccounts& reactor) { reactors_.push_back(&reactor); }

  // Frames alive that no log, cache or window accounts for: in subscribers' queues, sent and not
  // acknowledged, in answers, on their way between reactors; and what the subscribers' queues take beside
  // them. Any thread.
  std::size_t fanout_bytes() const;
  std::size_t fanout_limit_bytes() const { return fanout_limit_bytes_; }
  std::size_t fanout_holders() const;
  // How many are served or asked for.
  std::size_t subscriptions() const;

  // Registers felix_memory_used_bytes and felix_memory_limit_bytes of each account, and what the whole
  // process holds; read when scraped.
  void show_in(telemetry::MetricSet& metrics) const;

 private:
  template <class Read>
  std::size_t sum(Read&& read) const {
    std::size_t bytes = 0;
    for (const ReactorAccounts* reactor : reactors_) bytes += read(*reactor);
    return bytes;
  }

  const std::size_t fanout_limit_bytes_;
  const std::size_t control_limit_bytes_;
  std::vector<const ReactorAccounts*> reactors_;
};

}  // namespace felix::broker
