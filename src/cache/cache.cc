#include "cache/cache.h"

#include <utility>

#include "base/contract.h"
#include "flow/compact.h"

namespace felix::cache {

Cache::Cache(const CacheOptions& options, flow::Budget& retained, std::uint64_t seed)
    : options_(options), retained_(&retained), entries_(0, SeededHash{seed}) {}

std::optional<Version> Cache::put(std::string_view key, flow::Slice value, std::optional<Duration> ttl,
                                  MonoTime now) {
  if (!ttl) ttl = options_.default_ttl;
  const auto known = entries_.find(key);
  Entry* entry = known == entries_.end() ? nullptr : known->second.get();
  if (ttl && *ttl <= Duration::zero()) {
    if (entry != nullptr) remove(*entry);
    return ++last_version_;
  }

  value = flow::compacted(std::move(value));
  flow::Charge charge;
  if (!make_room(Entry::cost(key.size(), value), entry, charge)) return std::nullopt;
  if (entry == nullptr) {
    auto created = std::make_unique<Entry>();
    entry = created.get();
    entry->key = key;
    table_bytes_ += Entry::table_cost(key.size());
    entries_.emplace(std::string_view(entry->key), std::move(created));
  } else {
    entry->lru.unlink();
  }
  by_use_.push_back(*entry);
  bytes_ += charge.bytes();
  entry->charge = std::move(charge);
  entry->value = std::move(value);
  entry->version = ++last_version_;
  entry->expires_at = ttl && *ttl < kNever - now ? now + *ttl : kNever;
  by_expiry_.update(*entry);
  return entry->version;
}

std::optional<Value> Cache::get(std::string_view key, MonoTime now) {
  Entry* entry = find_live(key, now);
  if (entry == nullptr) {
    ++counters_.misses;
    return std::nullopt;
  }
  ++counters_.hits;
  entry->lru.unlink();
  by_use_.push_back(*entry);
  return Value{entry->value, entry->version};
}

std::optional<Value> Cache::erase(std::string_view key, MonoTime now) {
  Entry* entry = find_live(key, now);
  if (entry == nullptr) return std::nullopt;
  Value value{std::move(entry->value), entry->version};
  remove(*entry);
  return value;
}

std::size_t Cache::expire(MonoTime now, std::size_t limit) {
  std::size_t removed = 0;
  for (; removed < limit && by_expiry_.earliest() <= now && by_expiry_.size() > 0; ++removed) {
    ++counters_.expired;
    remove(*by_expiry_.first());
  }
  return removed;
}

Entry* Cache::find_live(std::string_view key, MonoTime now) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return nullptr;
  Entry& entry = *found->second;
  if (now < entry.expires_at) return &entry;
  ++counters_.expired;
  remove(entry);
  return nullptr;
}

bool Cache::make_room(std::size_t bytes, Entry* replaced, flow::Charge& charge) {
  if (bytes > options_.max_bytes) return false;
  const std::size_t replaced_bytes = replaced == nullptr ? 0 : replaced->charge.bytes();
  if (replaced != nullptr) {
    // Most recently used from now on: everyone else goes first.
    replaced->lru.unlink();
    by_use_.push_back(*replaced);
    replaced->charge.give_back();
    bytes_ -= replaced_bytes;
  }
  for (;;) {
    if (bytes_ <= options_.max_bytes - bytes) {
      if (auto granted = retained_->try_charge(bytes)) {
        charge = *std::move(granted);
        return true;
      }
    }
    Entry* victim = by_use_.front();
    if (victim == nullptr || victim == replaced) break;
    ++counters_.evicted;
    remove(*victim);
  }
  if (replaced != nullptr) {
    replaced->charge = retained_->charge(replaced_bytes);
    bytes_ += replaced_bytes;
  }
  return false;
}

void Cache::remove(Entry& entry) {
  bytes_ -= entry.charge.bytes();
  table_bytes_ -= Entry::table_cost(entry.key.size());
  by_expiry_.remove(entry);
  entries_.erase(std::string_view(entry.key));
}

}  // namespace felix::cache
