#pragma once
// Brings the event channels a broker opens to the subscriptions that wait for them: by the id in the hello,
// which may come before or after the answer to `subscribe` (wire protocol section 8.2). One per connection's
// life.
//
// A channel nobody asked for is given up: at once when no subscribe is under way, and when the bound is
// reached otherwise.

#include <functional>
#include <memory>
#include <unordered_map>

#include "base/ids.h"
#include "client/event_channel.h"

namespace felix::client {

class EventRouter {
 public:
  // Channels whose subscription is not known yet: at most what we let the broker open at once.
  static constexpr std::size_t kMaxUnclaimed = 1024;
  using Adopt = std::function<void(std::shared_ptr<EventChannel>)>;

  // A `subscribe` was sent, and later: its answer came, or never will.
  void begin_request() { ++requests_; }
  void end_request();

  // `adopt` is called when the channel is here: now, from inside, or later.
  void expect(SubscriptionId id, Adopt adopt);
  // Nobody waits for this one any more; its channel is given up when it comes.
  void forget(SubscriptionId id) { expected_.erase(id); }

  void on_hello(const std::shared_ptr<EventChannel>& channel, SubscriptionId id);
  // The connection is gone.
  void clear();

  std::size_t unclaimed() const { return unclaimed_.size(); }

 private:
  void drop_unclaimed();

  std::size_t requests_ = 0;
  std::unordered_map<SubscriptionId, Adopt> expected_;
  std::unordered_map<SubscriptionId, std::shared_ptr<EventChannel>> unclaimed_;
};

}  // namespace felix::client
