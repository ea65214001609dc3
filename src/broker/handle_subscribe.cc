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
namespace {

// Takes back a join whose subscription could not be begun.
struct JoinUndo {
  Session& session;
  transport::Channel& events;
  const ShardId shard;
  bool needed = true;

  ~JoinUndo() {
    if (needed) session.undo_join(events, shard);
  }
};

}  // namespace

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
  if (const Status reserved = session_.reserve_subscription(); !reserved)
    return refuse_subscribe(reserved.error().code, reserved.error().context);

  const std::uint64_t slot =
      replies_.reserve(SubscribeReply{std::move(message), ShardId{route->incarnation, shard}});
  reactor_.counters().inflight_requests.add(1);
  // One subscribe a channel: nothing behind it is read.
  end_after_answers();
  session_.ask_to_join(channel_.id(), slot);
}

void ChannelSession::join(std::uint64_t slot) {
  joining_ = true;
  guarded([&] {
    const SubscribeReply& reply = std::get<SubscribeReply>(replies_.pending(slot));
    const wire::Start start = reply.request.start.value_or(wire::Start::latest());
    if (auto outcome = reactor_.submit(JoinCommand{origin(slot), reply.shard, start}))
      answer_subscribe(slot, std::move(*outcome));
  });
}

void ChannelSession::answer_subscribe(std::uint64_t slot, Result<Outcome> outcome) {
  joining_ = false;
  reactor_.counters().inflight_requests.add(-1);
  JoinOutcome* const joined = outcome ? std::get_if<JoinOutcome>(&*outcome) : nullptr;
  transport::Channel* const events = session_.note_joined(joined != nullptr);
  if (events != nullptr) {
    JoinUndo undo{session_, *events, joined->shard};
    start_subscription(slot, std::move(*joined), *events);
    undo.needed = false;
    return process();
  }
  reactor_.counters().subscribe_error.add();
  if (joined != nullptr) reactor_.leave(joined->shard);
  replies_.fulfil(slot, [&](std::vector<std::byte>& out) {
    if (!outcome) return append_error(out, outcome.error().code, outcome.error().context);
    if (joined != nullptr) return append_error(out, Errc::unavailable, "the connection is closing");
    wire::append_frame(out, std::get<wire::SubscribeCursorError>(*outcome));
  });
  process();
}

void ChannelSession::give_up_join(std::uint64_t slot) {
  guarded([&] {
    reactor_.counters().inflight_requests.add(-1);
    reactor_.counters().subscribe_error.add();
    replies_.fulfil(slot, [&](std::vector<std::byte>& out) {
      append_error(out, Errc::limit_exceeded, "no credit for another event stream");
    });
    process();
  });
}

void ChannelSession::start_subscription(std::uint64_t slot, JoinOutcome outcome, transport::Channel& events) {
  wire::Subscribe request = std::move(std::get<SubscribeReply>(replies_.pending(slot)).request);
  const SubscriptionId id = request.subscription_id.value_or(
      SubscriptionId(reactor_.common().next_subscription_id.fetch_add(1, std::memory_order_relaxed)));
  events.write({}, wire::encode_frame(wire::EventStreamHello{id}));
  SubscribeReply& reply = std::get<SubscribeReply>(replies_.pending(slot));
  reply.answer = subscribed(request, id, outcome.joined);
  reply.events = events.id();
  held_events_ = events.id();
  reactor_.counters().subscribe_ok.add();

  const ShardId shard = outcome.shard;
  EventFormat format{peer_flags_,
                     (peer_features_ & wire::kFeatureSubscriptionLagged) != 0,
                     id,
                     std::move(request.tenant_id),
                     std::move(request.namespace_id),
                     std::move(request.stream)};
  session_.start_events(events, std::move(format), std::move(outcome), reply.answer.queue_capacity,
                        identity_);
  // From here on the reader is registered; its events wait until the answer's turn has come.
  replies_.settle(slot, Outcome(JoinOutcome{shard, {}}));
}

wire::Subscribed ChannelSession::subscribed(const wire::Subscribe& request, SubscriptionId id,
                                            const streams::Joined& joined) const {
  wire::Subscribed answer{id, std::nullopt, std::nullopt, std::nullopt};
  // Members younger than the flag for offsets: clients of that age get the bytes they always got.
  if ((peer_flags_ & wire::kEventBatchOffsets) != 0 && wire::knows_t2(peer_flags_, peer_features_)) {
    answer.start_offset = joined.start_offset;
    answer.live_offset = joined.live_offset;
  }
  if ((peer_features_ & wire::kFeatureSubscribeQueue) != 0 && request.queue_capacity)
    answer.queue_capacity =
        std::clamp(*request.queue_capacity, 1u, reactor_.options().subscription_max_items);
  return answer;
}

void ChannelSession::answer_subscribed(const SubscribeReply& reply, std::vector<std::byte>& out) {
  wire::append_frame(out, reply.answer);
  held_events_.reset();
  session_.release_events(reply.events);
}

}  // namespace felix::broker
