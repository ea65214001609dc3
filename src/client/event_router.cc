#include "client/event_router.h"

#include <utility>

#include "base/contract.h"

namespace felix::client {

void EventRouter::end_request() {
  FELIX_ASSERT(requests_ > 0);
  if (--requests_ == 0) drop_unclaimed();
}

void EventRouter::expect(SubscriptionId id, Adopt adopt) {
  const auto found = unclaimed_.find(id);
  if (found == unclaimed_.end()) {
    expected_[id] = std::move(adopt);
    return;
  }
  std::shared_ptr<EventChannel> channel = std::move(found->second);
  unclaimed_.erase(found);
  adopt(std::move(channel));
}

void EventRouter::on_hello(const std::shared_ptr<EventChannel>& channel, SubscriptionId id) {
  if (const auto found = expected_.find(id); found != expected_.end()) {
    const Adopt adopt = std::move(found->second);
    expected_.erase(found);
    adopt(channel);
    return;
  }
  if (requests_ == 0 || unclaimed_.size() >= kMaxUnclaimed || !unclaimed_.try_emplace(id, channel).second)
    channel->stop();
}

void EventRouter::drop_unclaimed() {
  for (auto& [id, channel] : std::exchange(unclaimed_, {})) channel->stop();
}

void EventRouter::clear() {
  expected_.clear();
  unclaimed_.clear();
  requests_ = 0;
}

}  // namespace felix::client
