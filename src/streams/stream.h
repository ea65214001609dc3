#pragma once
// One shard of a named stream: its log, and how many readers each reactor has. Lives on the shard's home
// reactor; the readers' queues (streams/subscription.h) live with the readers' connections.
//
// The caller's part after append(): offer one Delivery to the local readers, and post one to every *other*
// reactor that has readers. Posts of one stream to one reactor must arrive in the order they were made,
// answers to join() included: then each reader sees exactly [start_offset, ...) without gap or duplicate.

#include <concepts>
#include <cstdint>
#include <expected>
#include <span>
#include <utility>
#include <vector>

#include "base/contract.h"
#include "base/ids.h"
#include "base/time.h"
#include "streams/cursor.h"
#include "streams/delivery.h"
#include "wire/record_run.h"
#include "wire/subscribe_messages.h"

namespace felix::streams {

// The log under a stream. streams and storage are of one layer, so the log comes in as a type. It holds
// [oldest, tail) without a hole, numbers records from 0, and read() gives batches {base_offset, run} that are
// contiguous from exactly the offset asked for up to the tail.
template <class Log>
concept StreamLog =
    requires(Log& log, const Log& view, wire::RecordRun run, Offset from, wire::Provenance provenance) {
      { log.append(std::move(run), std::move(provenance)) } -> std::same_as<Offset>;
      { view.oldest() } -> std::same_as<Offset>;
      { view.tail() } -> std::same_as<Offset>;
      { view.read(from)->front().base_offset } -> std::convertible_to<Offset>;
      { view.read(from)->front().run } -> std::convertible_to<wire::RecordRun>;
      { view.read(from)->front().provenance } -> std::convertible_to<wire::Provenance>;
    };

struct Joined {
  Offset start_offset = 0;  // of the first record this reader gets
  Offset live_offset = 0;   // records from here on arrive by append(); those below are the backlog
  std::vector<Delivery> backlog;
};

// `run`, or a copy of it when it is a small part of the frame it would keep alive.
wire::RecordRun compacted(const wire::RecordRun& run);

template <StreamLog Log>
class Stream {
 public:
  // `reactors` > 0: how many there are in the process.
  Stream(Log log, std::size_t reactors) : log_(std::move(log)), readers_(reactors) {
    FELIX_ASSERT(reactors > 0);
  }

  // Appends a run of at least one record. The answer is what to deliver: a run that is a small part of a
  // large frame has been copied once, for the log and all readers.
  Delivery append(const wire::RecordRun& run, MonoTime now, wire::Provenance provenance) {
    FELIX_ASSERT(run.count() > 0);
    Delivery delivery{0, compacted(run), std::move(provenance), now};
    delivery.base_offset = log_.append(delivery.run, delivery.provenance);
    return delivery;
  }

  // Registers a reader of `reactor` and takes its backlog, in one step: a record is either in the backlog or
  // in a later append(). Each success is ended by one leave() of the same reactor.
  std::expected<Joined, wire::SubscribeCursorError> join(const wire::Start& start, std::size_t reactor) {
    const auto resolved = resolve(start, log_.oldest(), log_.tail());
    if (!resolved) return std::unexpected(resolved.error());
    Joined joined{*resolved, log_.tail(), {}};
    if (joined.start_offset < joined.live_offset) {
      auto batches = log_.read(joined.start_offset);
      FELIX_ASSERT(batches.has_value());
      joined.backlog.reserve(batches->size());
      for (auto& batch : *batches)
        joined.backlog.push_back(
            {batch.base_offset, std::move(batch.run), std::move(batch.provenance), MonoTime{}});
    }
    ++readers_.at(reactor);
    return joined;
  }

  void leave(std::size_t reactor) {
    FELIX_ASSERT(readers_.at(reactor) > 0);
    --readers_[reactor];
  }

  // Readers by reactor index.
  std::span<const std::uint32_t> readers() const { return readers_; }
  const Log& log() const { return log_; }

 private:
  Log log_;
  std::vector<std::uint32_t> readers_;
};

}  // namespace felix::streams
