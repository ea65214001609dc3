#include "crypto/verified_chains.h"

#include <algorithm>
#include <cstring>

namespace felix::crypto {

std::size_t VerifiedChains::Hash::operator()(const Sha256& chain) const {
  std::size_t head = 0;  // a digest is as good as random
  std::memcpy(&head, chain.data(), sizeof head);
  return head;
}

bool VerifiedChains::knows(const Sha256& chain, WallTime now) const {
  const auto found = chains_.find(chain);
  return found != chains_.end() && found->second.since <= now && now < found->second.until;
}

void VerifiedChains::remember(const Sha256& chain, WallTime now, WallTime until) {
  if (chains_.size() >= kMaxChains && !chains_.contains(chain)) chains_.clear();
  chains_.insert_or_assign(chain, Span{now, std::min(until, now + kLongest)});
}

}  // namespace felix::crypto
