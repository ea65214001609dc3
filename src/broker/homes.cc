#include "broker/homes.h"

#include <utility>

namespace felix::broker {
namespace {

// Expired entries removed from one cache in one sweep: keeps a turn short.
constexpr std::size_t kSweepLimit = 256;

}  // namespace

Homes::Homes(const HomeOptions& options, Deliver deliver, Release release)
    : options_(options),
      deliver_(std::move(deliver)),
      release_(std::move(release)),
      retained_(options.retained_bytes) {}

Homes::Shard& Homes::open(ShardId id) {
  auto& shard = shards_[id];
  if (!shard) {
    shard = std::make_unique<Shard>(
        Shard{Stream(storage::RingLog(options_.ring, retained_), options_.reactors), 0, {}});
  }
  return *shard;
}

cache::Cache& Homes::open_cache(std::uint64_t incarnation) {
  auto& cache = caches_[incarnation];
  if (!cache) cache = std::make_unique<cache::Cache>(options_.cache, retained_, options_.seed);
  return *cache;
}

std::optional<PublishOutcome> Homes::publish(const PublishCommand& command, MonoTime now,
                                             std::int64_t wall_us) {
  Shard& shard = open(command.shard);
  if (command.records.empty()) return PublishOutcome{shard.stream.log().tail()};
  const streams::Delivery delivery = shard.stream.append(command.records, now, {command.publisher, wall_us});
  const auto readers = shard.stream.readers();
  for (std::uint32_t reactor = 0; reactor < readers.size(); ++reactor) {
    if (readers[reactor] > 0) deliver_(reactor, command.shard, delivery);
  }
  const PublishOutcome outcome{delivery.base_offset};
  if (shard.blocked_readers == 0) return outcome;
  shard.withheld.push_back(Withheld{command.origin, outcome});
  return std::nullopt;
}

std::expected<JoinOutcome, wire::SubscribeCursorError> Homes::join(ShardId id, const wire::Start& start,
                                                                   std::uint32_t reactor) {
  auto joined = open(id).stream.join(start, reactor);
  if (!joined) return std::unexpected(joined.error());
  return JoinOutcome{id, std::move(*joined)};
}

void Homes::leave(ShardId id, std::uint32_t reactor) { open(id).stream.leave(reactor); }

void Homes::set_blocked(ShardId id, bool blocked) {
  Shard& shard = open(id);
  if (blocked) {
    ++shard.blocked_readers;
    return;
  }
  FELIX_ASSERT(shard.blocked_readers > 0);
  if (--shard.blocked_readers > 0) return;
  for (const Withheld& withheld : std::exchange(shard.withheld, {}))
    release_(withheld.origin, withheld.outcome);
}

Result<CacheOutcome> Homes::operate(const CacheCommand& command, MonoTime now) {
  cache::Cache& cache = open_cache(command.cache);
  CacheOutcome outcome;
  switch (command.operation) {
    case CacheOperation::get:
      if (auto value = cache.get(command.key, now)) outcome = {std::move(value->bytes), value->version};
      break;
    case CacheOperation::erase:
      if (auto value = cache.erase(command.key, now)) outcome = {std::move(value->bytes), value->version};
      break;
    case CacheOperation::put: {
      const auto version = cache.put(command.key, command.value, command.ttl, now);
      if (!version) return fail(Errc::overloaded, "the value does not fit the cache");
      outcome.version = *version;
      break;
    }
  }
  return outcome;
}

MonoTime Homes::sweep(MonoTime now) {
  MonoTime next = kNever;
  for (auto& [incarnation, cache] : caches_) {
    cache->expire(now, kSweepLimit);
    next = std::min(next, cache->next_expiry());
  }
  return next;
}

Homes::CacheTotals Homes::cache_totals() const {
  CacheTotals totals;
  for (const auto& [incarnation, cache] : caches_) {
    totals.bytes += cache->bytes();
    totals.table_bytes += cache->table_bytes();
    totals.entries += cache->size();
    totals.evicted += cache->counters().evicted;
    totals.expired += cache->counters().expired;
  }
  return totals;
}

}  // namespace felix::broker
