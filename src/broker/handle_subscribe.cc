// Subscribing (wire protocol section 8.2). The order on the wire matters: the hello on the event channel,
// then `subscribed`, and only then history, because a client may read the event channel only after its
// answer.

#include <algorithm>

#include "broker/channel_session.h"
#include "broker/reactor.h"
#include "broker/session.h"
#include "wire/features.h"
#include "wire/json_codec.h"

namespace felix::broker {

void ChannelSession::handle_subscribe(wire::Subscribe& message) {
  auto refuse_subscribe = [&](Errc code, std::string_view text) {
    reactor_.counters().subscribe_error.add();
    refuse(code, text, Fate::ends);
  };
  if (message.tenant_id != identity_->tenant_id) return refuse_subscribe(Errc::forbidden, "tenant mismatch");
  if (!identity_->principal.may_subscribe(message.tenant_id, message.namespace_id, message.stream))
    return refuse_subscribe(Errc::forbidden, "forbidden");
  const metadata::StreamRoute* route = find_stream(message.tenant_id, message.namespace_id, message.stream);
  if (waiting_) return;
  if (route == nullptr) {
    if (creation_error_) return refuse_subscribe(creation_error_->code, creation_error_->context);
    return refuse_subscribe(Errc::not_found, "stream not found: tenant=" + message.tenant_id + " namespace=" +
                                                 message.namespace_id + " stream=" + message.stream);
  }
  const std::uint32_t shard = message.shard.value_or(0);
  if (shard >= route->shards)
    return refuse_subscribe(Errc::invalid_request, "shard " + std::to_string(shard) + " of a stream with " +
                                                       std::to_string(route->shards));
  if (!session_.try_reserve_subscription())
    return refuse_subscribe(Errc::limit_exceeded, "max subscriptions per connection exceeded");

  const ShardId id{route->incarnation, shard};
  const wire::Start start = message.start.value_or(wire::Start::latest());
  const std::uint64_t slot = replies_.reserve(SubscribeReply{std::move(message)});
  reactor_.counters().inflight_requests.add(1);
  // One subscribe a channel: nothing behind it is read.
  end_after_answers();
  if (auto outcome = reactor_.submit(JoinCommand{origin(slot), id, start}))
    answer_subscribe(slot, std::move(*outcome));
}

void ChannelSession::answer_subscribe(std::uint64_t slot, Result<Outcome> outcome) {
  if (outcome && std::holds_alternative<JoinOutcome>(*outcome)) {
    session_.open_event_channel(channel_.id(), slot, std::move(std::get<JoinOutcome>(*outcome)));
    return;
  }
  session_.release_subscription();
  reactor_.counters().subscribe_error.add();
  reactor_.counters().inflight_requests.add(-1);
  replies_.fulfil(slot, [&](std::vector<std::byte>& out) {
    if (!outcome) return append_error(out, outcome.error().code, outcome.error().context);
    wire::append_frame(out, std::get<wire::SubscribeCursorError>(*outcome));
  });
}

void ChannelSession::on_event_channel(std::uint64_t slot, JoinOutcome outcome, transport::Channel* events) {
  wire::Subscribe request = std::move(std::get<SubscribeReply>(replies_.pending(slot)).request);
  reactor_.counters().inflight_requests.add(-1);
  if (events == nullptr) {
    reactor_.counters().subscribe_error.add();
    replies_.fulfil(slot, [&](std::vector<std::byte>& out) {
      append_error(out, Errc::limit_exceeded, "no credit for another event stream");
    });
    return process();
  }
  const SubscriptionId id = request.subscription_id.value_or(
      SubscriptionId(reactor_.common().next_subscription_id.fetch_add(1, std::memory_order_relaxed)));
  events->write({}, wire::encode_frame(wire::EventStreamHello{id}));
  wire::Subscribed subscribed{id, std::nullopt, std::nullopt, std::nullopt};
  std::optional<std::uint32_t> capacity;
  if ((peer_features_ & wire::kFeatureSubscribeQueue) != 0 && request.queue_capacity) {
    capacity = std::clamp(*request.queue_capacity, 1u, reactor_.options().subscription_max_items);
    subscribed.queue_capacity = capacity;
  }
  replies_.fulfil(slot, [&](std::vector<std::byte>& out) { wire::append_frame(out, subscribed); });
  replies_.flush(channel_);
  reactor_.counters().subscribe_ok.add();

  EventFormat format{peer_flags_, id, std::move(request.tenant_id), std::move(request.namespace_id),
                     std::move(request.stream)};
  session_.start_events(*events, std::move(format), std::move(outcome), capacity);
  process();
}

}  // namespace felix::broker
