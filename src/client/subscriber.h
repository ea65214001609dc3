#pragma once
// One subscription (wire protocol section 8.2): batches wait here until the consumer takes them, and only
// then are their bytes given back to the broker's window, so memory stays constant however slow the consumer
// is.
//
// After a lost connection the subscription is made again on the next one: at the next offset when offsets are
// known, otherwise at `restart`, and the first batch then says that an unknown number of records was missed.
//
// A subscription that was too slow for the broker's queue goes on where it stopped, once everything received
// has been taken: what the stream still keeps is not lost, the rest is counted as dropped.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "client/session.h"
#include "wire/record_run.h"
#include "wire/subscribe_messages.h"

namespace felix::client {

using wire::Start;

// Where to go on when the place we had is not known or no longer kept.
enum class Restart : std::uint8_t { latest, earliest, stop };

struct SubscribeOptions {
  std::string namespace_id{};  // empty: the session's
  std::string stream{};
  Start start{};
  std::optional<std::uint32_t> shard{};
  // Bound of the broker's queue for us, in batches; asked for when the broker serves that.
  std::optional<std::uint32_t> queue_capacity{};
  Restart restart = Restart::latest;
  // Told with each batch, by brokers that can: who published, and when records were appended.
  bool with_publisher = false;
  bool with_timestamps = false;
};

struct EventBatch {
  std::optional<Offset> base_offset;  // record i has base_offset + i
  wire::RecordRun records;
  std::string publisher;  // principal; empty when not told
  // When each record was appended, microseconds since 1970; empty when not told.
  std::vector<std::uint64_t> timestamps_us;
  // Records between the previous batch and this one that were dropped on the way (by a queue's policy, or out
  // of the log while we were away). Known only with offsets.
  std::uint64_t dropped_before = 0;
  // The subscription began anew and nobody can say what was missed.
  bool loss_unknown_before = false;
};

// Must not be destroyed in its own callbacks.
class Subscriber {
 public:
  enum class State : std::uint8_t {
    waiting,  // for a connection, or for the broker's answer
    live,
    ended,
  };
  // Why it ended.
  enum class End : std::uint8_t {
    none,
    unsubscribed,     // by us
    ended_by_broker,  // FIN of the event channel: the broker has nothing more for us
    refused,          // error() has the broker's words
    cursor,           // too_old or in_future; cursor_error() has the numbers
    connection_lost,  // and not made again
    protocol,         // the broker sent what cannot be read
  };

  // Subscribes as soon as the session is connected.
  Subscriber(Session& session, SubscribeOptions options);
  // Unsubscribes.
  ~Subscriber();
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  // Turns the loop until live; the error when it ended instead.
  Status wait_live(MonoTime deadline = kNever);
  // The oldest batch not taken; taking it gives its bytes back to the broker's window.
  std::optional<EventBatch> try_next();
  // Turns the loop for one batch. The end's error (unavailable "the broker ended the subscription",
  // connection_lost, ...) after the last batch; timed_out.
  Result<EventBatch> next(MonoTime deadline = kNever);
  bool has_batch() const;
  // Called when a batch arrived or the state changed; try_next() may be called from it.
  void set_on_event(std::function<void()> on_event);
  // STOP_SENDING; batches not taken are dropped.
  void unsubscribe();

  State state() const;
  End end() const;
  // Set when ended, except by us.
  const std::optional<Error>& error() const;
  const std::optional<wire::SubscribeCursorError>& cursor_error() const;
  // The broker's answer to the latest subscribe.
  const std::optional<wire::Subscribed>& subscribed() const;
  // Offset after the last record received, when offsets are known.
  std::optional<Offset> next_offset() const;
  // Times the subscription was made again, for whatever reason.
  std::uint64_t resumptions() const;
  // Of those, because the broker found us too slow.
  std::uint64_t lags() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace felix::client
