#include "transport/handshake_gate.h"

#include <array>
#include <cstring>
#include <netinet/in.h>

#include "base/bytes.h"
#include "base/hash.h"

namespace felix::transport {
namespace {

// How long too many fruitless first packets are remembered.
constexpr Duration kSuspicion = std::chrono::seconds(1);

constexpr std::size_t kNetworkBytes = 16;
std::array<std::byte, kNetworkBytes> network_of(const io::Address& from) {
  std::array<std::byte, kNetworkBytes> network{};
  if (from.family() == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, from.raw(), sizeof v4);
    std::memcpy(network.data(), &v4.sin_addr, 3);
  } else if (from.family() == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, from.raw(), sizeof v6);
    const bool mapped = IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr);
    std::memcpy(network.data(), &v6.sin6_addr, mapped ? 15 : 7);
  }
  return network;
}

}  // namespace

HandshakeGate::HandshakeGate(const HandshakeLimits& limits, std::uint64_t seed)
    : limits_(limits), seed_(seed), unfinished_of_(new std::uint16_t[kSlots]()) {}

std::uint16_t& HandshakeGate::slot_of(const io::Address& from) {
  return unfinished_of_[hash64(network_of(from), seed_) % kSlots];
}

HandshakeGate::Verdict HandshakeGate::judge(const io::Address& from, bool proven, MonoTime now) {
  const std::uint32_t of_network = slot_of(from);
  if (unfinished_ >= limits_.refuse_from || of_network >= limits_.refuse_from_per_network)
    return Verdict::refuse;
  if (proven) return Verdict::begin;
  const bool busy = unfinished_ >= limits_.prove_from || of_network >= limits_.prove_from_per_network ||
                    unproven_in_turn_ >= limits_.unproven_per_turn || now < suspicious_until_;
  return busy ? Verdict::prove : Verdict::begin;
}

void HandshakeGate::began(const io::Address& from, bool proven) {
  ++unfinished_;
  ++slot_of(from);
  if (!proven) ++unproven_in_turn_;
}

void HandshakeGate::over(const io::Address& from) {
  --unfinished_;
  --slot_of(from);
}

void HandshakeGate::was_fruitless(MonoTime now) {
  if (!fruitless_starts_.take(limits_.fruitless, now)) suspicious_until_ = now + kSuspicion;
}

}  // namespace felix::transport
