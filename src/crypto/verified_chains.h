#pragma once
// Certificate chains that were verified before, by a digest of all that their verification rests on: to
// verify one again costs as much as the rest of a client's handshake, and changes nothing until one of its
// certificates ends.
//
// Bounded: when full, all are forgotten. Belongs to one thread.

#include <unordered_map>

#include "base/time.h"
#include "crypto/digest.h"

namespace felix::crypto {

class VerifiedChains {
 public:
  static constexpr std::size_t kMaxChains = 64;
  static constexpr Duration kLongest = std::chrono::hours(1);

  // Whether `chain` was verified at or before `now`, and is not to be verified again yet.
  bool knows(const Sha256& chain, WallTime now) const;
  // `chain` verified at `now`; what it rests on ends at `until`.
  void remember(const Sha256& chain, WallTime now, WallTime until);
  std::size_t size() const { return chains_.size(); }

 private:
  struct Span {
    WallTime since;
    WallTime until;
  };
  struct Hash {
    std::size_t operator()(const Sha256& chain) const;
  };

  std::unordered_map<Sha256, Span, Hash> chains_;
};

}  // namespace felix::crypto
