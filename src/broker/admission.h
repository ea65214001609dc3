#pragma once
// How many connections the broker holds, in all and per source address. Shared by all reactors: counters
// only.
//
// Sources share 8192 slots by a seeded hash of their address, so two of them may count as one; that makes the
// per-source limit a little stricter under very many sources, and keeps it lock-free and of fixed size.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "io/address.h"

namespace felix::broker {

struct AdmissionLimits {
  std::uint32_t connections = 8192;  // 0 = unlimited
  std::uint32_t per_source = 512;    // 0 = unlimited
};

// Any thread.
class Admission {
 public:
  Admission(AdmissionLimits limits, std::uint64_t seed);

  // Whether one more connection of `source` fits. Reactors that ask at the same moment may overshoot by one
  // each.
  bool has_room(const io::Address& source) const;
  void enter(const io::Address& source);
  void leave(const io::Address& source);

  // A connection of `source` has an authenticated stream, or ceased to.
  void note_authenticated(const io::Address& source, bool authenticated);
  // Such a source may hold idle connections: stock clients open theirs ahead of need.
  bool knows(const io::Address& source) const;

  std::uint32_t connections() const { return connections_.load(std::memory_order_relaxed); }

 private:
  struct Slot {
    std::atomic<std::uint32_t> connections{0};
    std::atomic<std::uint32_t> authenticated{0};
  };
  static constexpr std::size_t kSlots = 8192;
  Slot& slot_of(const io::Address& source) const;

  const AdmissionLimits limits_;
  const std::uint64_t seed_;
  std::atomic<std::uint32_t> connections_{0};
  std::unique_ptr<Slot[]> slots_;
};

}  // namespace felix::broker
