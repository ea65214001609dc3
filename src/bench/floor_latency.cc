// Ping-pong and relay: what waking threads over UDP costs without Felix.

#include <algorithm>
#include <array>
#include <atomic>
#include <sched.h>
#include <thread>

#include "base/time.h"
#include "bench/floor_probes.h"
#include "bench/floor_socket.h"
#include "bench/placement.h"
#include "bench/relay.h"
#include "io/clock.h"

namespace felix::bench {
namespace {

constexpr std::size_t kLargestDatagram = 1500;
using Buffer = std::array<std::byte, kLargestDatagram>;

std::uint64_t now_ns() { return nanos_since_epoch(io::SystemClock().now()); }

std::uint64_t end_of(const FloorOptions& options) {
  return now_ns() + static_cast<std::uint64_t>(std::chrono::nanoseconds(options.probe_time).count());
}

}  // namespace

Status write_percentiles(FloorValues& values, const std::string& name, std::vector<double> nanos) {
  if (nanos.empty()) return fail(Errc::timed_out, name + ": nothing arrived");
  std::sort(nanos.begin(), nanos.end());
  const auto at = [&](std::size_t per_thousand) {
    return nanos[std::min(nanos.size() - 1, nanos.size() * per_thousand / 1000)];
  };
  values[name + "_p50_ns"] = at(500);
  values[name + "_p99_ns"] = at(990);
  return {};
}

Status probe_ping_pong(const FloorOptions& options, bool same_cpu, FloorValues& values) {
  FELIX_TRY(FloorSocket ping, FloorSocket::open());
  FELIX_TRY(FloorSocket pong, FloorSocket::open());
  FELIX_CHECK(ping.connect(pong.port()));
  FELIX_CHECK(pong.connect(ping.port()));
  const int here = ::sched_getcpu();
  const std::optional<CpuRange> cpu = same_cpu ? std::optional(CpuRange{here, here}) : std::nullopt;
  std::vector<double> nanos;
  nanos.reserve(1 << 20);
  std::atomic<bool> done{false};
  {
    std::jthread echo([&] {
      pin_this_thread(cpu);
      Buffer buffer;
      while (!done.load(std::memory_order_relaxed)) {
        if (const std::size_t got = pong.receive(buffer); got > 0) pong.send(std::span(buffer).first(got));
      }
    });
    std::jthread pinger([&] {
      pin_this_thread(cpu);
      Buffer buffer{};
      const std::uint64_t end = end_of(options);
      for (std::uint64_t sent = now_ns(); sent < end && nanos.size() < nanos.capacity();) {
        ping.send(std::span(buffer).first(64));
        const bool answered = ping.receive(buffer) > 0;
        const std::uint64_t now = now_ns();
        if (answered) nanos.push_back(static_cast<double>(now - sent));
        sent = now;
      }
      done.store(true, std::memory_order_relaxed);
      ping.send(std::span(buffer).first(1));  // wakes the echo
    });
  }
  return write_percentiles(values, same_cpu ? "ping_pong_same_cpu" : "ping_pong", std::move(nanos));
}

Status probe_relay(const FloorOptions& options, FloorValues& values) {
  RelayLoad load;
  load.payload_bytes = std::clamp<std::uint64_t>(options.record_bytes, 16, kMaxRelayPayload);
  load.rate = std::max<std::uint64_t>(options.relay_per_second, 1);
  load.duration = options.probe_time;
  load.placement = options.placement;
  FELIX_TRY(const LatencySummary found, run_relay(load, {}));
  values["relay_p50_ns"] = static_cast<double>(found.p50_ns);
  values["relay_p99_ns"] = static_cast<double>(found.p99_ns);
  return {};
}

}  // namespace felix::bench
