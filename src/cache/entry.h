#pragma once
// What a cache keeps for one key.

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/intrusive_list.h"
#include "base/time.h"
#include "flow/budget.h"
#include "flow/frame.h"

namespace felix::cache {

// Grows by one with every put of a cache, so that a value can be named without its bytes.
using Version = std::uint64_t;

struct Entry {
  static constexpr std::size_t kNotInHeap = SIZE_MAX;

  std::string key;
  flow::Slice value;
  Version version = 0;
  MonoTime expires_at = kNever;
  std::size_t heap_index = kNotInHeap;  // kept by ExpiryHeap
  ListHook<Entry> lru;
  flow::Charge charge;

  // Memory one entry stands for: its value's frame, its key, itself and its slot in the table.
  static std::size_t cost(std::size_t key_bytes, const flow::Slice& value) {
    return value.footprint_bytes() + table_cost(key_bytes);
  }
  // The same without the frame.
  static std::size_t table_cost(std::size_t key_bytes) {
    return key_bytes + sizeof(Entry) + 4 * sizeof(void*);
  }
};

}  // namespace felix::cache
