#include "broker/memory_accounts.h"

#include <algorithm>

#include "broker/memory_plan.h"
#include "flow/live_bytes.h"
#include "io/heap.h"
#include "io/memory_size.h"

namespace felix::broker {
namespace {

constexpr const char* kUsed = "Memory in use, by account.";
constexpr const char* kLimit = "What an account may hold, by account.";

}  // namespace

std::size_t MemoryAccounts::fanout_bytes() const {
  std::size_t accounted = 0;
  std::size_t tables = 0;
  for (const ReactorAccounts* reactor : reactors_) {
    const std::size_t kept = reactor->retained.used_bytes();
    accounted += kept - std::min(kept, reactor->table_bytes.load(std::memory_order_relaxed)) +
                 reactor->ingress.unread_bytes.load(std::memory_order_relaxed);
    tables += static_cast<std::size_t>(std::max<std::int64_t>(reactor->queue_tables.value(), 0));
  }
  const std::size_t alive = flow::live_frame_bytes();
  return alive - std::min(alive, accounted) + tables;
}

std::size_t MemoryAccounts::subscriptions() const {
  return sum([](const ReactorAccounts& a) { return a.subscriptions.used_bytes(); }) / kSubscriptionBytes;
}

std::size_t MemoryAccounts::fanout_holders() const {
  return sum([](const ReactorAccounts& a) { return a.fanout_holders.load(std::memory_order_relaxed); });
}

void MemoryAccounts::show_in(telemetry::MetricSet& metrics) const {
  using Account = const ReactorAccounts&;
  const auto show = [&](const char* account, auto used, auto limit) {
    metrics.observe("felix_memory_used_bytes", kUsed, {{"account", account}},
                    [used] { return static_cast<double>(used()); });
    metrics.observe("felix_memory_limit_bytes", kLimit, {{"account", account}},
                    [limit] { return static_cast<double>(limit()); });
  };
  show(
      "ingress", [this] { return sum([](Account a) { return a.ingress.granted.used_bytes(); }); },
      [this] { return sum([](Account a) { return a.ingress.granted.limit_bytes(); }); });
  show(
      "retained", [this] { return sum([](Account a) { return a.retained.used_bytes(); }); },
      [this] { return sum([](Account a) { return a.retained.limit_bytes(); }); });
  show("fanout", [this] { return fanout_bytes(); }, [this] { return fanout_limit_bytes_; });
  show(
      "control",
      [this] { return sum([](Account a) { return a.answer_bytes.load(std::memory_order_relaxed); }); },
      [this] { return control_limit_bytes_; });
  show(
      "subscriptions", [this] { return sum([](Account a) { return a.subscriptions.used_bytes(); }); },
      [this] { return sum([](Account a) { return a.subscriptions.limit_bytes(); }); });
  metrics.observe("felix_memory_allocated_bytes", "What the program has of its heap, in use.", {},
                  [] { return static_cast<double>(io::allocated_bytes()); });
  metrics.observe("felix_memory_resident_bytes", "Memory of the machine that the process holds, files aside.",
                  {}, [] { return static_cast<double>(io::resident_bytes()); });
}

}  // namespace felix::broker
