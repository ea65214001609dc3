#include "broker/memory_plan.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "io/memory_size.h"

namespace felix::broker {
namespace {

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;

// Of each reactor: the ring its socket reads into, what it writes packets to, its mailboxes.
constexpr std::uint64_t kReactorBytes = 2 * kMiB;
// The kernel counts a socket buffer at twice what was asked for.
constexpr std::uint64_t kKernelFactor = 2;
constexpr std::uint64_t kMaxFrameCacheBytes = 32 * kMiB;
// A reactor's windows hold so many of the largest frames at once, and all of its streams together.
constexpr std::uint64_t kFramesInFlight = 4;
constexpr std::uint32_t kLeastConnections = 16;

std::string size_text(std::uint64_t bytes) {
  char text[32];
  if (bytes >= 10 * kMiB) {
    std::snprintf(text, sizeof text, "%.0f MiB", static_cast<double>(bytes) / kMiB);
  } else if (bytes >= kMiB) {
    std::snprintf(text, sizeof text, "%.1f MiB", static_cast<double>(bytes) / kMiB);
  } else {
    std::snprintf(text, sizeof text, "%.0f KiB", static_cast<double>(bytes) / kKiB);
  }
  return text;
}

// A setting of which the plan may use `share` bytes unless someone wrote it.
template <class T>
void lower(T& setting, bool given, std::uint64_t share, std::uint64_t least) {
  if (!given) setting = static_cast<T>(std::min<std::uint64_t>(setting, std::max(share, least)));
}

std::uint64_t connection_bytes(const config::BrokerConfig& config) {
  return kIdleConnectionBytes + (config.limits.preauth_max_streams + kFirstUniStreams) * kStreamBytes;
}

void lower_settings(config::BrokerConfig& config, std::uint64_t limit, std::uint32_t reactors) {
  const config::BrokerConfig::Given& given = config.given;
  const std::uint64_t fitting = limit / 3 / (connection_bytes(config) + kFirstWindowBytes);
  if (config.limits.max_connections == 0) {  // as many as there is memory for
    config.limits.max_connections = static_cast<std::uint32_t>(std::min<std::uint64_t>(fitting, 1'000'000));
  }
  lower(config.limits.max_connections, given.max_connections, fitting, kLeastConnections);
  lower(config.limits.max_frame_bytes, given.max_frame, limit / 64 / reactors,
        std::max<std::uint64_t>(config.limits.preauth_max_frame_bytes, 64 * kKiB));
  const std::uint64_t of_one =
      given.publish_inflight_per_connection ? config.limits.publish_inflight_bytes_per_connection : kMiB;
  lower(config.limits.publish_inflight_bytes, given.publish_inflight, limit / 16, of_one);
  lower(config.limits.publish_inflight_bytes_per_connection, given.publish_inflight_per_connection,
        config.limits.publish_inflight_bytes / 4, 64 * kKiB);
  lower(config.quic.udp_recv_buffer_bytes, given.udp_recv_buffer, limit / 128 / reactors, 64 * kKiB);
  lower(config.quic.udp_send_buffer_bytes, given.udp_send_buffer, limit / 128 / reactors, 64 * kKiB);
}

Error too_small(const MemoryPlan& plan, std::uint64_t wanted) {
  const config::BrokerConfig::Given& given = plan.settings.given;
  const std::pair<const char*, bool> written[] = {
      {"connections", given.max_connections},
      {"socket buffers", given.udp_recv_buffer || given.udp_send_buffer},
      {"publishes", given.publish_inflight || given.max_frame},
      {"ingress", given.max_frame || given.max_connections}};
  const MemoryPlan::Term* largest = nullptr;
  for (const MemoryPlan::Term& term : plan.terms) {
    const bool can_be_lowered = std::any_of(std::begin(written), std::end(written), [&](const auto& entry) {
      return entry.second && term.name == entry.first;
    });
    if (can_be_lowered && (largest == nullptr || term.bytes > largest->bytes)) largest = &term;
  }
  std::string text = "the broker could hold " + size_text(wanted) + ", and " + plan.limit.origin + " is " +
                     size_text(plan.limit.bytes) + ": ";
  if (largest == nullptr) return Error{Errc::usage, text + "raise node.memory_max or lower node.reactors"};
  return Error{Errc::usage, text + largest->name + " take " + size_text(largest->bytes) + " (" +
                                largest->how + "); lower what is named there, or raise node.memory_max"};
}

// A bound somebody wrote must be one that can be reached.
Status fits(const char* setting, bool given, std::uint64_t bytes, const char* account,
            std::uint64_t account_bytes) {
  if (!given || bytes <= account_bytes) return {};
  return fail(Errc::usage, std::string(setting) + " of " + size_text(bytes) + " is more than the account " +
                               account + " of " + size_text(account_bytes) +
                               " that node.memory_max leaves: lower it, or raise node.memory_max");
}

}  // namespace

MemorySource memory_source(const config::BrokerConfig& config) {
  if (config.node.memory_max_bytes != 0) return {config.node.memory_max_bytes, "node.memory_max"};
  const std::uint64_t half = io::physical_memory_bytes() / 2;
  if (const auto group = io::cgroup_memory_bytes(); group && *group / 10 * 9 < half)
    return {*group / 10 * 9, "nine tenths of the control group's memory"};
  return {half, "half of this machine's memory"};
}

std::uint64_t MemoryPlan::total_bytes() const {
  std::uint64_t sum = 0;
  for (const Term& term : terms) sum += term.bytes;
  return sum;
}

std::string MemoryPlan::to_comment() const {
  char line[256];
  std::snprintf(line, sizeof line, "# Memory: at most %s (%s).\n", size_text(limit.bytes).c_str(),
                limit.origin.c_str());
  std::string out = line;
  for (const Term& term : terms) {
    std::snprintf(line, sizeof line, "#   %-15s %10s  %s\n", term.name.c_str(), size_text(term.bytes).c_str(),
                  term.how.c_str());
    out += line;
  }
  std::snprintf(line, sizeof line, "#   %-15s %10s\n", "sum", size_text(total_bytes()).c_str());
  return out += line;
}

Result<MemoryPlan> plan_memory(const config::BrokerConfig& config, MemorySource limit,
                               std::uint32_t reactors) {
  MemoryPlan plan;
  plan.limit = std::move(limit);
  plan.settings = config;
  config::BrokerConfig& settings = plan.settings;
  const std::uint64_t most = plan.limit.bytes;
  lower_settings(settings, most, reactors);
  plan.frame_cache_bytes = std::min(kMaxFrameCacheBytes, most / 32 / reactors);

  const std::uint64_t frame = settings.limits.max_frame_bytes;
  const std::uint64_t connections = settings.limits.max_connections;
  const std::string of_reactors = std::to_string(reactors) + (reactors == 1 ? " reactor" : " reactors");
  const auto add = [&](std::string name, std::uint64_t bytes, std::string how) {
    plan.terms.push_back({std::move(name), std::move(how), bytes});
  };
  add("program", kProgramBytes, "the program, its metadata and HTTP");
  add("reactors", reactors * (kReactorBytes + plan.frame_cache_bytes + frame / 2),
      of_reactors + " x (" + size_text(kReactorBytes) + " rings and mailboxes + " +
          size_text(plan.frame_cache_bytes) + " frame cache + half of limits.max_frame, " + size_text(frame) +
          ")");
  add("socket buffers",
      reactors * kKernelFactor * (settings.quic.udp_recv_buffer_bytes + settings.quic.udp_send_buffer_bytes),
      of_reactors + " x 2 x (quic.udp_recv_buffer " + size_text(settings.quic.udp_recv_buffer_bytes) +
          " + quic.udp_send_buffer " + size_text(settings.quic.udp_send_buffer_bytes) + ")");
  add("connections", connections * connection_bytes(settings),
      "limits.max_connections " + std::to_string(connections) + " x " +
          size_text(connection_bytes(settings)));
  add("publishes", settings.limits.publish_inflight_bytes + reactors * frame,
      "limits.publish_inflight " + size_text(settings.limits.publish_inflight_bytes) + " + " + of_reactors +
          " x limits.max_frame");
  add("allocator", most / 16, "a sixteenth of the whole between blocks in use");
  plan.control_bytes = most / 50;
  add("control", plan.control_bytes, "2 %: errors, acknowledgements and pings always fit");

  plan.subscription_bytes = most / 32;
  add("subscriptions", plan.subscription_bytes,
      "a 32nd of the whole, " + size_text(kSubscriptionBytes) + " each");

  // What is left is for the accounts that follow use.
  const std::uint64_t floor = connections * kFirstWindowBytes;
  const std::uint64_t least_ingress = floor + kFramesInFlight * frame * reactors;
  const std::uint64_t least_kept = 2 * frame * reactors;
  const std::uint64_t fixed = plan.total_bytes();
  const std::uint64_t wanted = fixed + least_ingress + 2 * least_kept;
  const std::string ingress_how = "windows: limits.max_connections " + std::to_string(connections) + " x " +
                                  size_text(kFirstWindowBytes) + " + what use shows to be worth it";
  if (wanted > most) {
    add("ingress", least_ingress, ingress_how + ", 4 x limits.max_frame at least");
    return std::unexpected(too_small(plan, wanted));
  }
  const std::uint64_t rest = most - fixed - floor;
  const std::uint64_t extra = std::max(rest / 4, kFramesInFlight * frame * reactors);
  plan.ingress_bytes = floor + extra;
  plan.fanout_bytes = (rest - extra) / 3;
  plan.retained_bytes = rest - extra - plan.fanout_bytes;
  add("ingress", plan.ingress_bytes, ingress_how);
  add("retained", plan.retained_bytes, "ring logs and caches");
  add("fanout", plan.fanout_bytes, "frames held only because a subscriber has not taken them");

  FELIX_CHECK(fits("streams.ring_bytes", settings.given.ring_bytes, settings.streams.ring_bytes, "retained",
                   plan.retained_bytes / reactors));
  FELIX_CHECK(fits("cache.max_bytes", settings.given.cache_bytes, settings.cache.max_bytes, "retained",
                   plan.retained_bytes / reactors));
  return plan;
}

}  // namespace felix::broker
