#pragma once
// Every JSON message this build serves, by direction. The rest of the protocol's catalogue arrives as
// UnknownMessage with `known` set.

#include <variant>

#include "wire/cache_messages.h"
#include "wire/publish_messages.h"
#include "wire/session_messages.h"
#include "wire/subscribe_messages.h"

namespace felix::wire {

using ClientMessage = std::variant<Auth, Publish, Subscribe, CachePut, CacheGet, CacheDelete, UnknownMessage>;

using ServerMessage = std::variant<AuthOk, Ok, ErrorMessage, Unsupported, PublishOk, PublishError, Subscribed,
                                   SubscribeCursorError, EventStreamHello, Event, SubscriptionLagged,
                                   CacheValue, CacheOk, UnknownMessage>;

}  // namespace felix::wire
