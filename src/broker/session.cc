#include "broker/session.h"

#include <algorithm>
#include <utility>

#include "broker/reactor.h"
#include "broker/settings.h"
#include "telemetry/log.h"

namespace felix::broker {
namespace {

telemetry::Logger logger("broker");
constinit telemetry::LogLimiter auth_timeout_limiter;
constinit telemetry::LogLimiter sent_away_limiter;

// RESET_STREAM of an event channel whose reader may not stay: the number of `unauthenticated` (wire protocol
// section 9).
constexpr std::uint64_t kResetUnauthenticated = 1;

}  // namespace

Session::Session(Reactor& reactor, transport::Connection& connection, std::uint64_t id, MonoTime now)
    : reactor_(reactor), connection_(connection), source_(connection.remote()), id_(id), alone_since_(now) {
  reactor_.common().admission.enter(source_);
  transport::ConnectionEvents events;
  events.on_channel = [this](transport::Channel& channel) { on_channel(channel); };
  events.on_channel_credit = [this] { start_joins(); };
  events.on_closed = [this](const transport::CloseReason& reason) { on_closed(reason); };
  connection_.set_events(std::move(events));
}

Session::~Session() {
  for (auto& [id, subscription] : subscribed_) release(subscription);
}

void Session::on_channel(transport::Channel& channel) {
  const std::int64_t id = channel.id();
  auto added = std::make_unique<ChannelSession>(*this, channel);
  ChannelSession* session = added.get();
  channels_.emplace(id, std::move(added));
  transport::ChannelEvents events;
  events.on_bytes = [session](Bytes bytes) { session->on_bytes(bytes); };
  events.on_readable = [session] { session->on_readable(); };
  events.on_writable = [session] { session->on_writable(); };
  events.on_closed = [this, id] { on_channel_closed(id); };
  channel.set_events(std::move(events));
}

void Session::on_closed(const transport::CloseReason& reason) {
  FELIX_LOG(logger, debug, "connection closed", {"peer", source_.to_string()},
            {"why", transport::to_string(reason.kind)}, {"code", reason.code}, {"text", reason.text});
  reactor_.common().admission.leave(source_);
  if (authenticated()) reactor_.common().admission.note_authenticated(source_, false);
  reactor_.forget(*this);
}

void Session::on_channel_closed(std::int64_t id) {
  const auto found = channels_.find(id);
  if (found == channels_.end()) return;
  const bool held_a_place = found->second->let_in() && !found->second->authenticated();
  const bool joining = found->second->joining();
  const std::optional<std::int64_t> held_events = found->second->held_events();
  channels_.erase(found);
  if (const auto events = held_events ? subscribed_.find(*held_events) : subscribed_.end();
      events != subscribed_.end())
    events->second.events->abandon();
  if (held_a_place) leave_unauthenticated();
  if (joining) note_joined(false);
}

bool Session::try_let_in() {
  if (unauthenticated_ >= reactor_.options().preauth_max_streams) return false;
  ++unauthenticated_;
  return true;
}

void Session::note_authenticated() {
  connection_.trust();
  if (!std::exchange(authenticated_, true)) reactor_.common().admission.note_authenticated(source_, true);
  leave_unauthenticated();
}

void Session::leave_unauthenticated() {
  const bool was_full = unauthenticated_ >= reactor_.options().preauth_max_streams;
  --unauthenticated_;
  if (was_full) resume_next_turn_ = true;
}

ChannelSession* Session::find_channel(std::int64_t id) {
  const auto found = channels_.find(id);
  return found == channels_.end() ? nullptr : found->second.get();
}

Status Session::reserve_subscription() {
  if (subscriptions_ >= reactor_.options().max_subscriptions)
    return fail(Errc::limit_exceeded, "max subscriptions per connection exceeded");
  flow::Budget& account = reactor_.subscription_account();
  if (!account.try_resize(subscription_state_, (subscriptions_ + 1) * kSubscriptionBytes,
                          account.limit_bytes()))
    return fail(Errc::overloaded, "the broker has no memory for another subscription");
  ++subscriptions_;
  return {};
}

void Session::release_subscription() {
  --subscriptions_;
  reactor_.subscription_account().resize(subscription_state_, subscriptions_ * kSubscriptionBytes);
}

void Session::ask_to_join(std::int64_t channel, std::uint64_t slot) {
  waiting_joins_.push_back(
      WaitingJoin{channel, slot, reactor_.now() + reactor_.options().stream_credit_patience});
  start_joins();
}

void Session::start_joins() {
  while (!waiting_joins_.empty() && connection_.uni_credit() > joins_in_flight_) {
    const WaitingJoin waiting = waiting_joins_.front();
    waiting_joins_.erase(waiting_joins_.begin());
    if (ChannelSession* asker = find_channel(waiting.channel)) {
      ++joins_in_flight_;
      asker->join(waiting.slot);
    } else {
      release_subscription();
    }
  }
}

transport::Channel* Session::note_joined(bool joined) {
  --joins_in_flight_;
  transport::Channel* const events = joined ? connection_.open_uni() : nullptr;
  if (events != nullptr) return events;
  release_subscription();
  start_joins();
  return nullptr;
}

void Session::start_events(transport::Channel& channel, EventFormat format, JoinOutcome outcome,
                           std::optional<std::uint32_t> queue_capacity, const Standing& standing) {
  const ReactorOptions& options = reactor_.options();
  streams::SubscriptionOptions subscription = options.subscription;
  const auto rule = std::ranges::find_if(options.stream_policies, [&](const config::StreamPolicy& policy) {
    return policy.applies_to(format.tenant_id, format.namespace_id, format.stream);
  });
  if (rule != options.stream_policies.end()) {
    subscription.policy = policy_of(rule->policy);
    if (rule->queue_capacity != 0) subscription.bounds.items = rule->queue_capacity;
  }
  if (queue_capacity)
    subscription.bounds.items = std::clamp(*queue_capacity, 1u, options.subscription_max_items);
  const std::int64_t id = channel.id();
  const ShardId shard = outcome.shard;
  auto added = std::make_unique<EventChannel>(
      channel, shard, std::move(format), std::move(outcome.joined), subscription, options.event_limits,
      reactor_.counters(), reactor_.timed_runs(),
      [this, shard](bool blocked) { reactor_.set_blocked(shard, blocked); });
  EventChannel* events = added.get();
  subscribed_.emplace(id, Subscription{std::move(added), &channel, standing});
  transport::ChannelEvents channel_events;
  channel_events.on_writable = [this, events, &channel] {
    if (channel.peer_stopped()) return;  // on_closed follows
    reactor_.mark_dirty(*events);
  };
  channel_events.on_closed = [this, id] {
    const auto found = subscribed_.find(id);
    if (found == subscribed_.end()) return;
    release(found->second);
    subscribed_.erase(found);
    release_subscription();
  };
  channel.set_events(std::move(channel_events));
  reactor_.add_reader(*events);
}

void Session::undo_join(transport::Channel& events, ShardId shard) {
  const auto begun = subscribed_.find(events.id());
  if (begun == subscribed_.end()) {
    reactor_.leave(shard);
  } else {
    release(begun->second);
    subscribed_.erase(begun);
  }
  release_subscription();
  events.set_events({});
  events.reset(kResetInternal);
}

void Session::release_events(std::int64_t id) {
  const auto found = subscribed_.find(id);
  if (found == subscribed_.end()) return;
  found->second.events->release();
  reactor_.mark_dirty(*found->second.events);
}

void Session::release(Subscription& subscription) {
  reactor_.remove_reader(*subscription.events);
  reactor_.leave(subscription.events->shard());
}

// --- who may stay
// --------------------------------------------------------------------------------------------

void Session::wait_to_authenticate(std::int64_t channel) {
  waiting_tokens_.push_back(channel);
  reactor_.wait_to_authenticate(*this);
}

bool Session::authenticate_waiting() {
  if (waiting_tokens_.empty()) return false;
  if (ChannelSession* channel = find_channel(waiting_tokens_.pop_front())) channel->authenticate_again();
  return !waiting_tokens_.empty();
}

void Session::review_subscriptions() {
  for (auto each = subscribed_.begin(); each != subscribed_.end();) {
    Subscription& subscription = each->second;
    const auto objection =
        subscription.standing.objection(reactor_.authenticator().policy(), reactor_.wall());
    if (!objection) {
      ++each;
      continue;
    }
    note_sent_away(subscription.standing, *objection);
    // At once, whatever waits: not a record more leaves.
    transport::ChannelEvents rest;
    rest.on_closed = [this] { release_subscription(); };
    subscription.channel->set_events(std::move(rest));
    subscription.channel->reset(kResetUnauthenticated);
    release(subscription);
    each = subscribed_.erase(each);
  }
}

void Session::note_sent_away(const Standing& standing, Objection objection) {
  sent_away_ = true;
  reactor_.counters().sent_away(objection).add();
  FELIX_LOG_LIMITED(logger, sent_away_limiter, warn, "stream ended", {"why", to_string(objection)},
                    {"tenant", standing->tenant_id}, {"principal", standing->principal.subject()},
                    {"token_id", standing->token_id}, {"peer", connection_.remote().to_string()});
}

// A connection whose last principal was sent away is like one that never had any.
void Session::leave_if_nobody_stands(MonoTime now) {
  if (!std::exchange(sent_away_, false) || !authenticated_ || !subscribed_.empty()) return;
  const bool somebody = std::any_of(channels_.begin(), channels_.end(),
                                    [](const auto& entry) { return entry.second->stands(); });
  if (somebody) return;
  authenticated_ = false;
  alone_since_ = now;
  reactor_.common().admission.note_authenticated(source_, false);
}

void Session::resume() {
  for (auto& [id, channel] : channels_) channel->on_readable();
}

void Session::look_after(MonoTime now) {
  const ReactorOptions& options = reactor_.options();
  while (!waiting_joins_.empty() && (waiting_joins_.front().give_up <= now || reactor_.reading_over())) {
    const WaitingJoin waiting = waiting_joins_.front();
    waiting_joins_.erase(waiting_joins_.begin());
    release_subscription();
    if (ChannelSession* asker = find_channel(waiting.channel)) asker->give_up_join(waiting.slot);
  }
  if (std::exchange(resume_next_turn_, false)) resume();
  for (auto& [id, channel] : channels_) channel->look_after(now);
  review_subscriptions();
  leave_if_nobody_stands(now);
  if (authenticated() || options.auth_timeout.count() == 0 || connection_.closing()) return;
  if (now - alone_since_ < options.auth_timeout || reactor_.common().admission.knows(source_)) return;
  FELIX_LOG_LIMITED(logger, auth_timeout_limiter, warn, "no stream authenticated in time, connection closed",
                    {"peer", source_.to_string()});
  reactor_.counters().quic_auth_timeouts.add();
  connection_.close(transport::kCloseAuthTimeout, "authentication timeout");
}

std::size_t Session::waiting_answers() const {
  std::size_t count = 0;
  for (const auto& [id, channel] : channels_) count += channel->waiting_answers();
  return count;
}

std::size_t Session::answer_bytes() const {
  std::size_t bytes = 0;
  for (const auto& [id, channel] : channels_) bytes += channel->answer_bytes();
  return bytes;
}

bool Session::settled() const {
  return waiting_joins_.empty() &&
         std::ranges::all_of(channels_, [](const auto& entry) { return entry.second->settled(); });
}

Session::Owed Session::owed() const {
  Owed owed{connection_.queued_bytes() + answer_bytes(), 0};
  for (const auto& [id, subscription] : subscribed_) owed.batches += subscription.events->waiting_batches();
  return owed;
}

bool Session::has_taken_all_it_takes(MonoTime now) {
  const Owed owed = this->owed();
  if (connection_.closing() || (owed.bytes == 0 && owed.batches == 0)) return true;
  std::uint64_t handed = 0;
  for (const auto& [id, subscription] : subscribed_) handed += subscription.events->handed_records();
  if (taking_.progress_at == kNever || handed > taking_.handed_records || owed.bytes < taking_.owed_bytes)
    taking_.progress_at = now;
  taking_.handed_records = handed;
  taking_.owed_bytes = owed.bytes;
  return now - taking_.progress_at >= reactor_.options().drain_patience;
}

}  // namespace felix::broker
