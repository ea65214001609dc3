#pragma once
// Pipelined publishing on one channel of a session.
//
// Each request ends in exactly one callback:
//   success          acked by the broker; with AckMode::none: received by the broker's host
//   the refusal      forbidden, not_found, overloaded, ...: this request alone
//   timed_out        never handed to the transport within request_timeout
//   outcome_unknown  handed over, and no answer came: lost connection or timeout. Never repeated by us.
// A request that was not handed to the transport when the connection was lost is sent on the next one.
//
// Backpressure has no timer of its own: hand in more while wants_more(), otherwise wait for on_room.

#include <cstdint>
#include <functional>
#include <memory>

#include "base/error.h"
#include "client/publish.h"
#include "client/session.h"

namespace felix::client {

struct PublisherOptions {
  std::size_t in_flight_bytes = 4u << 20;
  std::size_t in_flight_frames = 256;
  // A publish-only channel (wire protocol section 8): nothing is ever answered, whatever AckMode is asked
  // for.
  bool one_way = false;
};

using PublishCallback = std::function<void(Result<PublishOutcome>)>;

// Must not be destroyed in its own callbacks.
class Publisher {
 public:
  Publisher(Session& session, PublisherOptions options);
  // Requests without an answer end with `interrupted`, if never handed over, or outcome_unknown.
  ~Publisher();
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  // Always taken; the callback comes later, never from inside this call.
  void publish(PublishRequest request, PublishCallback callback);
  // False when the in-flight budget is used up. A request over the whole budget goes alone.
  bool wants_more() const;
  // Called when wants_more() has become true again.
  void set_on_room(std::function<void()> on_room);
  // Requests without an outcome.
  std::size_t pending() const;

  // Turns the loop until every request has its outcome. The session's error, interrupted or timed_out as
  // Session::wait_for; outcomes themselves go to the callbacks.
  Status flush(MonoTime deadline = kNever);
  // One request, straight-line.
  Result<PublishOutcome> publish_and_wait(PublishRequest request);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace felix::client
