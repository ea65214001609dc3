// What moving and sealing bytes costs one CPU.

#include <algorithm>
#include <chrono>
#include <cstring>
#include <vector>

#include "base/time.h"
#include "bench/floor_probes.h"
#include "crypto/aead_probe.h"
#include "io/clock.h"

namespace felix::bench {
namespace {

// The best of several short goes: a neighbour that takes the CPU away only ever makes a go slower.
template <class Work>
double best_ns(int goes, Work work) {
  const io::SystemClock clock;
  double best = 1e18;
  for (int go = 0; go < goes; ++go) {
    const MonoTime begin = clock.now();
    work();
    best = std::min(best, static_cast<double>((clock.now() - begin).count()));
  }
  return best;
}

}  // namespace

Status probe_copy(FloorValues& values) {
  constexpr std::size_t kBlock = 16 << 10;
  constexpr std::size_t kArea = 32 << 20;  // beyond most caches: records in memory are cold
  const std::vector<std::byte> from(kArea, std::byte{1});
  std::vector<std::byte> to(kArea);
  const double ns = best_ns(8, [&] {
    for (std::size_t at = 0; at < kArea; at += kBlock) std::memcpy(&to[at], &from[at], kBlock);
  });
  values["copy_mb_per_s"] = static_cast<double>(kArea) * 1e3 / ns;
  return {};
}

Status probe_seal(FloorValues& values) {
  struct Case {
    const char* name;
    crypto::AeadCipher cipher;
    std::size_t packet_bytes;
  };
  using enum crypto::AeadCipher;
  constexpr Case kCases[] = {
      {"aes128gcm_64_ns", aes_128_gcm, 64},     {"aes128gcm_256_ns", aes_128_gcm, 256},
      {"aes128gcm_1200_ns", aes_128_gcm, 1200}, {"aes128gcm_1452_ns", aes_128_gcm, 1452},
      {"aes128gcm_4096_ns", aes_128_gcm, 4096}, {"aes128gcm_16384_ns", aes_128_gcm, 16384},
      {"aes256gcm_1200_ns", aes_256_gcm, 1200}, {"chacha20_1200_ns", chacha20_poly1305, 1200},
  };
  constexpr std::uint64_t kPackets = 1000;
  for (const Case& each : kCases) {
    FELIX_TRY(auto probe, crypto::AeadProbe::create(each.cipher, each.packet_bytes));
    Status done;
    const auto cost = [&](auto pass) {
      const double ns = best_ns(9, [&] {
        if (done) done = pass();
      });
      return ns / static_cast<double>(kPackets);
    };
    values[std::string("seal_") + each.name] = cost([&] { return probe->seal(kPackets); });
    values[std::string("open_") + each.name] = cost([&] { return probe->open(kPackets); });
    FELIX_CHECK(done);
  }
  return {};
}

}  // namespace felix::bench
