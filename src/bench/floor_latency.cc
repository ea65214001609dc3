// Ping-pong and relay: what waking threads over UDP costs without Felix.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <poll.h>
#include <sched.h>
#include <thread>

#include <pthread.h>

#include "base/time.h"
#include "bench/floor_probes.h"
#include "bench/floor_socket.h"
#include "io/clock.h"

namespace felix::bench {
namespace {

constexpr std::size_t kLargestDatagram = 1500;
using Buffer = std::array<std::byte, kLargestDatagram>;

std::uint64_t now_ns() { return nanos_since_epoch(io::SystemClock().now()); }

std::uint64_t end_of(const FloorOptions& options) {
  return now_ns() + static_cast<std::uint64_t>(std::chrono::nanoseconds(options.probe_time).count());
}

// A CPU outside the process's set leaves the thread where it is.
void pin_this_thread(std::optional<int> cpu) {
  if (!cpu) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(*cpu), &set);
  ::pthread_setaffinity_np(::pthread_self(), sizeof set, &set);
}

void wait_until(std::uint64_t at_ns) {
  for (std::uint64_t now = now_ns(); now < at_ns; now = now_ns()) {
    const timespec left{static_cast<time_t>((at_ns - now) / 1'000'000'000),
                        static_cast<long>((at_ns - now) % 1'000'000'000)};
    ::ppoll(nullptr, 0, &left, nullptr);
  }
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
  const std::optional<int> cpu = same_cpu ? std::optional<int>(::sched_getcpu()) : std::nullopt;
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
  FELIX_TRY(FloorSocket publisher, FloorSocket::open());
  FELIX_TRY(FloorSocket relay_in, FloorSocket::open());
  FELIX_TRY(FloorSocket relay_out, FloorSocket::open());
  FELIX_TRY(FloorSocket subscriber, FloorSocket::open());
  FELIX_CHECK(publisher.connect(relay_in.port()));
  FELIX_CHECK(relay_out.connect(subscriber.port()));
  std::vector<double> nanos;
  nanos.reserve(1 << 17);
  std::atomic<bool> done{false};
  {
    std::jthread relay_thread([&] {
      pin_this_thread(options.placement.relay_cpu);
      Buffer buffer;
      while (!done.load(std::memory_order_relaxed)) {
        if (const std::size_t got = relay_in.receive(buffer); got > 0) {
          relay_out.send(std::span(buffer).first(got));
        }
      }
    });
    std::jthread subscriber_thread([&] {
      pin_this_thread(options.placement.subscriber_cpu);
      Buffer buffer;
      while (!done.load(std::memory_order_relaxed)) {
        std::uint64_t sent = 0;
        if (subscriber.receive(buffer) < sizeof sent) continue;
        const std::uint64_t now = now_ns();
        std::memcpy(&sent, buffer.data(), sizeof sent);
        if (sent != 0 && nanos.size() < nanos.capacity()) nanos.push_back(static_cast<double>(now - sent));
      }
    });
    std::jthread publisher_thread([&] {
      pin_this_thread(options.placement.publisher_cpu);
      Buffer buffer{};
      const std::size_t bytes = std::clamp<std::size_t>(options.record_bytes, 16, 1400);
      const std::uint64_t interval = 1'000'000'000 / std::max<std::uint64_t>(options.relay_per_second, 1);
      const std::uint64_t end = end_of(options);
      for (std::uint64_t due = now_ns() + interval; due < end; due += interval) {
        wait_until(due);
        const std::uint64_t sent = now_ns();
        std::memcpy(buffer.data(), &sent, sizeof sent);
        publisher.send(std::span(buffer).first(bytes));
      }
      done.store(true, std::memory_order_relaxed);
      buffer = {};
      publisher.send(std::span(buffer).first(bytes));  // a stamp of 0 wakes the others, and is not counted
    });
  }
  return write_percentiles(values, "relay", std::move(nanos));
}

}  // namespace felix::bench
