#pragma once
// One named cache: key to its latest value, within a cap of bytes. A value may expire; one that has expired
// is never returned, whether or not it was swept yet. Over the cap the least recently used go first.
//
// Values are shared Slices; a value that is a small part of a large frame is copied, and what is charged is
// the frame it keeps alive. Lives on one reactor.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/intrusive_list.h"
#include "base/time.h"
#include "cache/entry.h"
#include "cache/expiry_heap.h"
#include "flow/budget.h"
#include "flow/frame.h"

namespace felix::cache {

struct CacheOptions {
  std::size_t max_bytes = std::size_t{256} << 20;  // keys, values and bookkeeping, dead keys included
  std::optional<Duration> default_ttl;             // for a put without one
};

struct Value {
  flow::Slice bytes;
  Version version = 0;
};

struct CacheCounters {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;   // expired ones included
  std::uint64_t expired = 0;  // entries removed because their time had come
  std::uint64_t evicted = 0;  // entries removed to make room
};

class Cache {
 public:
  // `seed` is a random number of the process: peers choose keys and must not choose their buckets. Entries
  // are charged to `retained`, which must outlive the cache.
  Cache(const CacheOptions& options, flow::Budget& retained, std::uint64_t seed);
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;

  // Replaces value and expiry: without `ttl` the default applies, or the value lives until evicted. A ttl of
  // zero or less is a value that has expired already: the key is a miss from now on. An entry that exceeds
  // the cap or the account by itself is refused (nullopt) and nothing changes.
  std::optional<Version> put(std::string_view key, flow::Slice value, std::optional<Duration> ttl,
                             MonoTime now);

  std::optional<Value> get(std::string_view key, MonoTime now);
  // Removes and returns the live value, if there was one.
  std::optional<Value> erase(std::string_view key, MonoTime now);

  // Removes up to `limit` entries whose time has come, earliest first; returns how many.
  std::size_t expire(MonoTime now, std::size_t limit);
  // When expire() has something to do next; kNever when nothing expires.
  MonoTime next_expiry() const { return by_expiry_.earliest(); }

  std::size_t size() const { return entries_.size(); }  // entries, dead ones included
  std::size_t bytes() const { return bytes_; }          // what max_bytes bounds
  // The part of bytes() that is not in frames.
  std::size_t table_bytes() const { return table_bytes_; }
  const CacheCounters& counters() const { return counters_; }

 private:
  struct SeededHash {
    std::uint64_t seed;
    std::size_t operator()(std::string_view key) const { return hash64(as_bytes(key), seed); }
  };
  // Keyed by the entry's own copy of its key.
  using Table =
      boost::unordered_flat_map<std::string_view, std::unique_ptr<Entry>, SeededHash, std::equal_to<>>;

  Entry* find_live(std::string_view key, MonoTime now);
  // Charges an entry of `bytes` that takes the place of `replaced` (may be null), evicting others as needed.
  // False, and `replaced` as it was, when it cannot fit.
  bool make_room(std::size_t bytes, Entry* replaced, flow::Charge& charge);
  void remove(Entry& entry);

  CacheOptions options_;
  flow::Budget* retained_;
  Table entries_;
  IntrusiveList<Entry, &Entry::lru> by_use_;  // least recently used first
  ExpiryHeap by_expiry_;
  std::size_t bytes_ = 0;
  std::size_t table_bytes_ = 0;
  Version last_version_ = 0;
  CacheCounters counters_;
};

}  // namespace felix::cache
