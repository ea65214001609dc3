#include "bench/floor.h"

#include <array>

#include "bench/floor_probes.h"

namespace felix::bench {
namespace {

struct Meaning {
  std::string_view name;
  std::string_view sentence;
};

constexpr std::array kMeanings = {
    Meaning{"relay_p50_ns", "raw UDP publisher, relay, subscriber: one way, half arrive sooner"},
    Meaning{"relay_p99_ns", "raw UDP publisher, relay, subscriber: one way, 99 of 100 arrive sooner"},
    Meaning{"ping_pong_p50_ns", "raw UDP there and back, two blocking threads"},
    Meaning{"ping_pong_p99_ns", "raw UDP there and back, two blocking threads"},
    Meaning{"ping_pong_same_cpu_p50_ns", "raw UDP there and back, two threads on one CPU"},
    Meaning{"ping_pong_same_cpu_p99_ns", "raw UDP there and back, two threads on one CPU"},
    Meaning{"udp_send_mb_per_s", "1200-byte datagrams, one call each, thread to thread"},
    Meaning{"udp_sendmmsg_mb_per_s", "1200-byte datagrams, 48 a call, thread to thread"},
    Meaning{"udp_gso_gro_mb_per_s", "1200-byte datagrams, cut and joined by the kernel (as Felix sends)"},
    Meaning{"udp_gso_gro_4096_mb_per_s", "4096-byte datagrams, cut and joined by the kernel"},
    Meaning{"copy_mb_per_s", "memory copied by one thread, 16 KiB at a time, not in cache"},
    Meaning{"seal_aes128gcm_64_ns", "encrypt a packet of 64 bytes"},
    Meaning{"seal_aes128gcm_256_ns", "encrypt a packet of 256 bytes"},
    Meaning{"seal_aes128gcm_1200_ns", "encrypt a packet of 1200 bytes"},
    Meaning{"seal_aes128gcm_1452_ns", "encrypt a packet of 1452 bytes"},
    Meaning{"seal_aes128gcm_4096_ns", "encrypt a packet of 4096 bytes"},
    Meaning{"seal_aes128gcm_16384_ns", "encrypt a packet of 16384 bytes"},
    Meaning{"seal_aes256gcm_1200_ns", "encrypt 1200 bytes with AES-256-GCM"},
    Meaning{"seal_chacha20_1200_ns", "encrypt 1200 bytes with ChaCha20-Poly1305"},
    Meaning{"open_aes128gcm_64_ns", "decrypt a packet of 64 bytes"},
    Meaning{"open_aes128gcm_256_ns", "decrypt a packet of 256 bytes"},
    Meaning{"open_aes128gcm_1200_ns", "decrypt a packet of 1200 bytes"},
    Meaning{"open_aes128gcm_1452_ns", "decrypt a packet of 1452 bytes"},
    Meaning{"open_aes128gcm_4096_ns", "decrypt a packet of 4096 bytes"},
    Meaning{"open_aes128gcm_16384_ns", "decrypt a packet of 16384 bytes"},
    Meaning{"open_aes256gcm_1200_ns", "decrypt 1200 bytes with AES-256-GCM"},
    Meaning{"open_chacha20_1200_ns", "decrypt 1200 bytes with ChaCha20-Poly1305"},
    Meaning{"fdatasync_append_p50_ns", "append 1 KiB and wait until the disk has it"},
    Meaning{"fdatasync_append_p99_ns", "append 1 KiB and wait until the disk has it"},
};

}  // namespace

Floor measure_floor(const FloorOptions& options, const std::function<void(std::string_view)>& on_probe) {
  Floor floor;
  const auto probe = [&](std::string_view name, auto run) {
    if (on_probe) on_probe(name);
    if (Status status = run(); !status) {
      floor.skipped.push_back(std::string(name) + ": " + status.error().context);
    }
  };
  if (options.relay) probe("relay", [&] { return probe_relay(options, floor.values); });
  probe("ping-pong", [&] { return probe_ping_pong(options, false, floor.values); });
  probe("ping-pong on one CPU", [&] { return probe_ping_pong(options, true, floor.values); });
  if (options.only_latency) return floor;
  probe("send", [&] { return probe_send(options, floor.values); });
  probe("sendmmsg", [&] { return probe_sendmmsg(options, floor.values); });
  probe("GSO and GRO", [&] { return probe_gso_gro(options, floor.values); });
  probe("memory copy", [&] { return probe_copy(floor.values); });
  probe("AEAD", [&] { return probe_seal(floor.values); });
  if (!options.disk_directory.empty()) {
    probe("fdatasync", [&] { return probe_sync(options, floor.values); });
  }
  return floor;
}

std::vector<std::string_view> floor_names() {
  std::vector<std::string_view> names;
  for (const Meaning& each : kMeanings) names.push_back(each.name);
  return names;
}

std::string_view floor_meaning(std::string_view name) {
  for (const Meaning& each : kMeanings) {
    if (each.name == name) return each.sentence;
  }
  return {};
}

}  // namespace felix::bench
