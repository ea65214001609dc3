#include "broker/admission.h"

#include "base/hash.h"

namespace felix::broker {
Admission::Admission(AdmissionLimits limits, std::uint64_t seed)
    : limits_(limits), seed_(seed), slots_(new Slot[kSlots]) {}

Admission::Slot& Admission::slot_of(const io::Address& source) const {
  const std::string host = source.host_string();
  return slots_[hash64(as_bytes(host), seed_) % kSlots];
}

bool Admission::has_room(const io::Address& source) const {
  auto fits = [](const std::atomic<std::uint32_t>& count, std::uint32_t limit) {
    return limit == 0 || count.load(std::memory_order_relaxed) < limit;
  };
  return fits(connections_, limits_.connections) && fits(slot_of(source).connections, limits_.per_source);
}

void Admission::enter(const io::Address& source) {
  connections_.fetch_add(1, std::memory_order_relaxed);
  slot_of(source).connections.fetch_add(1, std::memory_order_relaxed);
}

void Admission::leave(const io::Address& source) {
  connections_.fetch_sub(1, std::memory_order_relaxed);
  slot_of(source).connections.fetch_sub(1, std::memory_order_relaxed);
}

void Admission::note_authenticated(const io::Address& source, bool authenticated) {
  auto& counter = slot_of(source).authenticated;
  if (authenticated) {
    counter.fetch_add(1, std::memory_order_relaxed);
  } else {
    counter.fetch_sub(1, std::memory_order_relaxed);
  }
}

bool Admission::knows(const io::Address& source) const {
  return slot_of(source).authenticated.load(std::memory_order_relaxed) > 0;
}

}  // namespace felix::broker
