#pragma once
// Where the records of one run come from: told to readers that ask for it (wire protocol section 7.4).

#include <cstdint>
#include <memory>
#include <string>

namespace felix::wire {

struct Provenance {
  // The principal that published them; null when it is not known. Shared by all it published.
  std::shared_ptr<const std::string> publisher;
  std::int64_t appended_at_us = 0;  // wall clock, microseconds since 1970
};

// By name: one principal may have published through several tokens.
inline bool same_publisher(const Provenance& a, const Provenance& b) {
  if (a.publisher == b.publisher) return true;
  return a.publisher != nullptr && b.publisher != nullptr && *a.publisher == *b.publisher;
}

}  // namespace felix::wire
