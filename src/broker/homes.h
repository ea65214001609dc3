#pragma once
// The streams and caches whose home is this reactor: opened on first use, touched by nobody else.

#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "broker/command.h"
#include "cache/cache.h"
#include "flow/budget.h"
#include "storage/ring_log.h"
#include "streams/stream.h"

namespace felix::broker {

struct HomeOptions {
  storage::RingBounds ring;
  cache::CacheOptions cache;
  std::size_t retained_bytes = std::size_t{512} << 20;  // ring logs and caches of this reactor together
  std::size_t reactors = 1;
  std::uint64_t seed = 0;  // of cache hash tables
};

class Homes {
 public:
  // Told for each reactor that has readers of the shard, in log order.
  using Deliver = std::function<void(std::uint32_t reactor, ShardId, const streams::Delivery&)>;
  // A publish whose outcome was withheld may be answered now.
  using Release = std::function<void(const Origin&, PublishOutcome)>;

  Homes(const HomeOptions& options, Deliver deliver, Release release);

  // Appends and fans out. Nullopt: done, but the outcome is withheld (a blocking reader is full) and comes by
  // Release; that is what paces publishers.
  std::optional<PublishOutcome> publish(const PublishCommand& command, MonoTime now, std::int64_t wall_us);
  // Errc::too_old / in_future are told apart by the CursorError.
  std::expected<JoinOutcome, wire::SubscribeCursorError> join(ShardId shard, const wire::Start& start,
                                                              std::uint32_t reactor);
  void leave(ShardId shard, std::uint32_t reactor);
  // A reader of the shard with policy `block` became full, or has room again.
  void set_blocked(ShardId shard, bool blocked);

  // Errc::overloaded when a value cannot be kept.
  Result<CacheOutcome> operate(const CacheCommand& command, MonoTime now);

  // Removes what expired, a bounded amount; returns when to come again.
  MonoTime sweep(MonoTime now);

  struct CacheTotals {
    std::size_t bytes = 0;
    std::size_t table_bytes = 0;  // of those, not in frames
    std::size_t entries = 0;
    std::uint64_t evicted = 0;
    std::uint64_t expired = 0;
  };
  CacheTotals cache_totals() const;
  const flow::Budget& retained() const { return retained_; }

 private:
  using Stream = streams::Stream<storage::RingLog>;
  struct Withheld {
    Origin origin;
    PublishOutcome outcome;
  };
  struct Shard {
    Stream stream;
    std::uint32_t blocked_readers = 0;
    std::vector<Withheld> withheld;
  };

  Shard& open(ShardId id);
  cache::Cache& open_cache(std::uint64_t incarnation);

  const HomeOptions options_;
  Deliver deliver_;
  Release release_;
  flow::Budget retained_;
  std::unordered_map<ShardId, std::unique_ptr<Shard>> shards_;
  std::unordered_map<std::uint64_t, std::unique_ptr<cache::Cache>> caches_;
};

}  // namespace felix::broker
