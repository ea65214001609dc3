#pragma once
// The answers of one Channel, which leave in request order whatever order owners finish in (wire protocol
// section 8.1). Answers ready in one turn leave as one write.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/ring.h"
#include "base/time.h"
#include "broker/answer_buffer.h"
#include "broker/command.h"
#include "flow/port.h"
#include "wire/cache_messages.h"

namespace felix::broker {

// What to answer once the outcome is known.
struct PublishReply {
  bool binary = false;
  std::optional<RequestId> request_id;  // absent: nobody waits, the outcome is only counted
  std::size_t bytes = 0;                // held back with the outcome
  MonoTime received_at{};
};
struct CacheReply {
  CacheOperation operation = CacheOperation::get;
  bool binary = false;
  std::optional<RequestId> request_id;    // absent only in JSON: the channel ends behind the answer
  std::optional<wire::CacheValue> names;  // of a JSON get: its answer repeats them
  std::size_t bytes = 0;                  // of the value on its way to the cache
};
struct SubscribeReply {
  wire::Subscribe request;
  ShardId shard;
  // Once it was let in: the answer, and the event channel that waits for it to be written.
  wire::Subscribed answer{};
  std::int64_t events = 0;
};
using PendingReply = std::variant<std::monostate, PublishReply, CacheReply, SubscribeReply>;

// Whose answer a place is kept for: nobody's, when the publish asked for none.
enum class Asked : std::uint8_t { nobody, publish, other };

class ReplyQueue {
 public:
  // Answers now, in its turn: `append(std::vector<std::byte>&)` writes the frame.
  template <class Append>
  void answer(Append&& append, Asked asked = Asked::other) {
    if (entries_.empty()) {
      append(out_.bytes());
      return;
    }
    Entry entry;
    entry.ready = true;
    entry.asked = asked;
    append(entry.bytes);
    held_bytes_ += entry.bytes.size();
    keep(std::move(entry));
  }

  // The same for an outcome: written now, or by advance() when its turn comes.
  // `append(Reply&, Result<Outcome>&, AnswerBuffer&)` does the former.
  template <class Reply, class Append>
  void answer(Reply&& reply, Result<Outcome>&& outcome, Append&& append) {
    if (entries_.empty()) {
      append(reply, outcome, out_);
      return;
    }
    keep(Entry{true, Asked::other, {}, PendingReply(std::forward<Reply>(reply)), std::move(outcome)});
  }

  // The place the next reserve() will keep.
  std::uint64_t next_slot() const { return first_slot_ + entries_.size(); }
  // Keeps a place; later fulfilled once.
  std::uint64_t reserve(PendingReply reply) {
    Asked asked = Asked::other;
    if (const auto* publish = std::get_if<PublishReply>(&reply))
      asked = publish->request_id ? Asked::publish : Asked::nobody;
    keep(Entry{false, asked, {}, std::move(reply), std::nullopt});
    ++unanswered_;
    return first_slot_ + entries_.size() - 1;
  }
  // What the place was kept for; valid until it is fulfilled.
  PendingReply& pending(std::uint64_t slot) { return entries_[slot - first_slot_].reply; }
  template <class Append>
  void fulfil(std::uint64_t slot, Append&& append) {
    Entry& entry = entries_[slot - first_slot_];
    append(entry.bytes);
    held_bytes_ += entry.bytes.size();
    entry.ready = true;
    --unanswered_;
  }
  // The same, but the answer is written by advance(), when its turn comes: an outcome is small or shared, its
  // answer may be neither.
  void settle(std::uint64_t slot, Result<Outcome> outcome) {
    Entry& entry = entries_[slot - first_slot_];
    entry.outcome.emplace(std::move(outcome));
    entry.ready = true;
    --unanswered_;
  }
  // Moves answers whose turn has come to what flush() writes, until that is `room_bytes` or more:
  // `append(PendingReply&, Result<Outcome>&, AnswerBuffer&)` writes those that were settled.
  template <class Append>
  void advance(std::size_t room_bytes, Append&& append) {
    while (!entries_.empty() && entries_.front().ready && out_.size() < room_bytes) {
      Entry& entry = entries_.front();
      if (entry.outcome) {
        append(entry.reply, *entry.outcome, out_);
      } else {
        out_.bytes().insert(out_.bytes().end(), entry.bytes.begin(), entry.bytes.end());
        held_bytes_ -= entry.bytes.size();
      }
      --count_of(entry.asked);
      entries_.pop_front();
      ++first_slot_;
    }
  }

  // Places kept: with an outcome or without.
  std::size_t pending_count() const { return entries_.size(); }
  // Those without.
  std::size_t unanswered_count() const { return unanswered_; }
  // Places of one kind, with an outcome or without.
  std::size_t count(Asked asked) const { return counts_[static_cast<std::size_t>(asked)]; }
  // Places whose answer somebody waits for.
  std::size_t owed_count() const { return entries_.size() - count(Asked::nobody); }
  // Bytes of answers that were written and not yet flushed.
  std::size_t held_bytes() const { return held_bytes_ + out_.size(); }
  // Nothing waits for an outcome and nothing waits to be flushed.
  bool drained() const { return entries_.empty() && out_.empty(); }

  void flush(flow::Port& port) {
    if (!out_.empty()) out_.flush(port);
  }

 private:
  struct Entry {
    bool ready = false;
    Asked asked = Asked::other;
    std::vector<std::byte> bytes;
    PendingReply reply;
    std::optional<Result<Outcome>> outcome;
  };

  std::size_t& count_of(Asked asked) { return counts_[static_cast<std::size_t>(asked)]; }
  void keep(Entry&& entry) {
    ++count_of(entry.asked);
    entries_.push_back(std::move(entry));
  }

  Ring<Entry> entries_;
  std::array<std::size_t, 3> counts_{};
  std::uint64_t first_slot_ = 0;
  std::size_t unanswered_ = 0;
  std::size_t held_bytes_ = 0;  // of entries
  AnswerBuffer out_;
};

}  // namespace felix::broker
