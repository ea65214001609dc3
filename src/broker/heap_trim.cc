#include "broker/heap_trim.h"

#include <algorithm>
#include <utility>

#include "io/heap.h"
#include "io/memory_size.h"
#include "telemetry/log.h"

namespace felix::broker {
namespace {

telemetry::Logger logger("memory");

constexpr Duration kInterval = std::chrono::seconds(1);
constexpr std::uint64_t kQuietDatagrams = 200;
constexpr std::uint64_t kWorthBytes = 8 << 20;
constexpr std::uint64_t kWorthShare = 4;

std::uint64_t free_bytes(std::uint64_t allocated_bytes, std::uint64_t resident_bytes) {
  return resident_bytes - std::min(resident_bytes, allocated_bytes);
}

}  // namespace

bool TrimDecision::quiet(std::uint64_t datagrams) {
  return datagrams - std::exchange(datagrams_, datagrams) < kQuietDatagrams;
}

bool TrimDecision::worth(std::uint64_t allocated_bytes, std::uint64_t resident_bytes) {
  const std::uint64_t free = free_bytes(allocated_bytes, resident_bytes);
  left_bytes_ = std::min(left_bytes_, free);
  return free - left_bytes_ >= std::max(kWorthBytes, allocated_bytes / kWorthShare);
}

void TrimDecision::note_trimmed(std::uint64_t allocated_bytes, std::uint64_t resident_bytes) {
  left_bytes_ = free_bytes(allocated_bytes, resident_bytes);
}

HeapTrim::HeapTrim(io::Loop& loop, std::function<std::uint64_t()> datagrams)
    : loop_(loop), datagrams_(std::move(datagrams)), timer_(loop, [this] { look(); }) {
  timer_.arm(loop_.now() + kInterval);
}

void HeapTrim::look() {
  timer_.arm(loop_.now() + kInterval);
  if (!decision_.quiet(datagrams_())) return;
  const std::uint64_t before = io::resident_bytes();
  if (!decision_.worth(io::allocated_bytes(), before)) return;
  io::release_free_memory();
  const std::uint64_t after = io::resident_bytes();
  decision_.note_trimmed(io::allocated_bytes(), after);
  FELIX_LOG(logger, debug, "memory given back", {"resident_before", before}, {"resident", after});
}

}  // namespace felix::broker
