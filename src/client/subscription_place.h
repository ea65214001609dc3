#pragma once
// Where a subscription stands in its stream: what was received, what was missed, and where to go on after a
// loss. Pure.

#include <cstdint>
#include <optional>

#include "base/error.h"
#include "base/ids.h"
#include "client/subscriber.h"
#include "wire/subscribe_messages.h"

namespace felix::client {

class SubscriptionPlace {
 public:
  SubscriptionPlace(Start start, Restart restart) : start_(start), restart_(restart) {}

  // What to ask for now.
  Start start() const { return start_; }
  std::optional<Offset> next_offset() const { return next_offset_; }

  // The broker accepted `start()`.
  void on_subscribed(const wire::Subscribed& answer);
  // Fills dropped_before and loss_unknown_before. malformed: offsets that run backwards.
  Status on_batch(EventBatch& batch, std::uint64_t skipped_before);
  // The connection is gone: prepares start(). False when it cannot go on (Restart::stop).
  bool on_lost();
  // The broker ended the subscription because we were too slow: prepares start(). What lies between the last
  // record and `resume_from`, if anything, counts as dropped.
  void on_lagged(Offset resume_from);
  // The place we asked for again is not kept: prepares start(). False when the caller must decide: it was its
  // own choice of place, or Restart::stop.
  bool on_cursor_error(const wire::SubscribeCursorError& error);

 private:
  bool begin_anew();

  Start start_;
  const Restart restart_;
  bool accepted_ = false;  // once at least
  bool received_ = false;  // a record, ever
  std::optional<Offset> next_offset_;
  bool loss_unknown_ = false;  // to be told with the next batch
};

}  // namespace felix::client
