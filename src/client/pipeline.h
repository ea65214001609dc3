#pragma once
// The book of requests on one channel: what waits, what was handed to the transport, what each became. Pure.
//
// Invariants: a request ends exactly once; an answer ends exactly the request it names, in whatever order
// answers come; a request that was handed over is not handed over again unless it is repeatable; a request
// larger than the budget goes alone; one deadline covers both stages.
//
// Endings are collected and delivered by deliver(), so that no callback runs inside a call of its owner.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/ring.h"
#include "base/time.h"

namespace felix::client {

template <class Request, class Outcome>
class Pipeline {
 public:
  using Callback = std::function<void(Result<Outcome>)>;
  struct Limits {
    std::size_t bytes = 0;
    std::size_t frames = 0;
  };
  struct Entry {
    Request request{};
    Callback callback;
    std::size_t bytes = 0;
    MonoTime deadline = kNever;
    bool repeatable = false;  // harmless to ask twice
    bool answered = true;     // the broker owes an answer
  };
  enum class Match : std::uint8_t { resolved, late, never_asked };
  enum class Handed : std::uint8_t { yes, no_room };

  explicit Pipeline(Limits limits) : limits_(limits) {}

  void submit(Entry entry) {
    bytes_ += entry.bytes;
    waiting_.push_back(std::move(entry));
  }
  std::size_t pending() const { return waiting_.size() + in_flight_.size() + done_.size(); }
  bool wants_more() const {
    return bytes_ < limits_.bytes && waiting_.size() + in_flight_.size() < limits_.frames;
  }
  bool has_waiting() const { return !waiting_.empty(); }
  std::size_t in_flight() const { return in_flight_.size(); }
  // The broker's own bound on requests it owes an answer to; lowers ours.
  void set_window(std::size_t frames) { window_ = frames; }

  // Hands over what the budget admits: `send(RequestId, const Request&) -> Result<Handed>`. An error ends
  // that request alone.
  template <class Send>
  void pump(Send&& send) {
    while (!waiting_.empty() && fits(waiting_.front())) {
      const RequestId id{next_id_};
      Result<Handed> handed = send(id, std::as_const(waiting_.front().request));
      if (handed && *handed == Handed::no_room) return;
      Entry entry = waiting_.pop_front();
      if (!handed) {
        finish(std::move(entry), std::unexpected(std::move(handed).error()));
        continue;
      }
      ++next_id_;
      in_flight_bytes_ += entry.bytes;
      if (!entry.answered) ++unanswered_;
      keep(id, std::move(entry));
      if (in_order_) order_.push_back(id);
    }
  }

  Match resolve(RequestId id, Result<Outcome> outcome) {
    const auto found = in_flight_.find(id);
    if (found == in_flight_.end())
      return id.value > 0 && id.value < next_id_ ? Match::late : Match::never_asked;
    if (in_order_ && found->second.answered && oldest() != id) {
      in_order_ = false;
      order_.clear();
    }
    finish(take(found), std::move(outcome));
    return Match::resolved;
  }
  // Whom a refusal without an id concerns: the oldest, as long as this peer has answered in order and
  // everything in flight is owed an answer. False when that cannot be told.
  bool refuse_oldest(const Error& error) {
    if (!in_order_ || unanswered_ > 0 || in_flight_.empty()) return false;
    finish(take(in_flight_.find(oldest())), std::unexpected(error));
    return true;
  }

  // The channel is gone.
  void on_lost(const Error& error) {
    std::vector<std::pair<RequestId, Entry>> lost;
    for (auto& [id, entry] : in_flight_) lost.emplace_back(id, std::move(entry));
    std::ranges::sort(lost, {}, [](const auto& item) { return item.first; });
    in_flight_.clear();
    order_.clear();
    in_flight_bytes_ = 0;
    unanswered_ = 0;
    in_order_ = true;
    window_ = SIZE_MAX;
    Ring<Entry> again;
    for (auto& [id, entry] : lost) {
      if (entry.repeatable)
        again.push_back(std::move(entry));
      else
        finish(std::move(entry), unknown(error.context));
    }
    while (!waiting_.empty()) again.push_back(waiting_.pop_front());
    waiting_ = std::move(again);
  }
  // Nothing will be handed over any more; call on_lost() first.
  void refuse_waiting(const Error& error) {
    while (!waiting_.empty()) finish(waiting_.pop_front(), std::unexpected(error));
  }
  void expire(MonoTime now) {
    Ring<Entry> kept;
    while (!waiting_.empty()) {
      Entry entry = waiting_.pop_front();
      if (entry.deadline <= now)
        finish(std::move(entry), fail(Errc::timed_out, "the request was not sent within its time"));
      else
        kept.push_back(std::move(entry));
    }
    waiting_ = std::move(kept);
    std::vector<RequestId> overdue;
    for (const auto& [id, entry] : in_flight_)
      if (entry.deadline <= now) overdue.push_back(id);
    for (const RequestId id : overdue)
      finish(take(in_flight_.find(id)), unknown("the broker did not answer in time"));
  }
  MonoTime next_deadline() const {
    MonoTime next = kNever;
    for (std::size_t i = 0; i < waiting_.size(); ++i) next = std::min(next, waiting_[i].deadline);
    for (const auto& [id, entry] : in_flight_) next = std::min(next, entry.deadline);
    return next;
  }

  bool has_endings() const { return !done_.empty(); }
  // Calls back for every ending collected before and during this call.
  void deliver() {
    while (!done_.empty()) {
      Ending ending = done_.pop_front();
      if (ending.callback) ending.callback(std::move(ending.outcome));
    }
  }

 private:
  using Book = std::unordered_map<RequestId, Entry>;
  struct Ending {
    Callback callback;
    Result<Outcome> outcome = fail(Errc::internal, "");
  };

  static std::unexpected<Error> unknown(const std::string& why) {
    return fail(Errc::outcome_unknown, "sent, but whether it was done is unknown: " + why);
  }
  bool fits(const Entry& entry) const {
    if (in_flight_.empty()) return true;
    if (entry.answered && in_flight_.size() - unanswered_ >= window_) return false;
    return in_flight_.size() < limits_.frames && in_flight_bytes_ + entry.bytes <= limits_.bytes;
  }
  // The oldest in flight, which must not be empty; known while answers came in order.
  RequestId oldest() {
    while (!in_flight_.contains(order_.front())) order_.pop_front();
    return order_.front();
  }
  void keep(RequestId id, Entry entry) {
    if (spare_.empty()) {
      in_flight_.emplace(id, std::move(entry));
      return;
    }
    auto node = std::move(spare_.back());
    spare_.pop_back();
    node.key() = id;
    node.mapped() = std::move(entry);
    in_flight_.insert(std::move(node));
  }
  Entry take(typename Book::iterator at) {
    auto node = in_flight_.extract(at);
    Entry entry = std::exchange(node.mapped(), {});
    spare_.push_back(std::move(node));
    in_flight_bytes_ -= entry.bytes;
    if (!entry.answered) --unanswered_;
    return entry;
  }
  void finish(Entry entry, Result<Outcome> outcome) {
    bytes_ -= entry.bytes;
    done_.push_back(Ending{std::move(entry.callback), std::move(outcome)});
  }

  const Limits limits_;
  std::size_t window_ = SIZE_MAX;
  std::uint64_t next_id_ = 1;
  Ring<Entry> waiting_;
  Book in_flight_;
  std::vector<typename Book::node_type> spare_;  // of requests that have ended, for the next
  Ring<RequestId> order_;                        // as handed over; those answered meanwhile are skipped
  std::size_t bytes_ = 0;                        // waiting and in flight
  std::size_t in_flight_bytes_ = 0;
  std::size_t unanswered_ = 0;  // in flight without an answer owed
  bool in_order_ = true;
  Ring<Ending> done_;
};

}  // namespace felix::client
