#include "client/session_wiring.h"

#include <utility>

#include "client/close_error.h"
#include "client/event_router.h"
#include "client/random_seed.h"

namespace felix::client {

namespace {

template <class T>
void forget_expired(std::vector<std::weak_ptr<T>>& list) {
  std::erase_if(list, [](const std::weak_ptr<T>& entry) { return entry.expired(); });
}

}  // namespace

Session::Wiring::Wiring(Session& owner)
    : session(owner),
      backoff(owner.options_.reconnect.initial_backoff, owner.options_.reconnect.max_backoff, random_seed()),
      retry_timer(owner.loop_, [&owner] { owner.attempt(); }),
      dialer(owner.loop_, owner.options_,
             DialerEvents{.on_connected = [&owner](auto& made,
                                                   const auto& server) { owner.on_connected(made, server); },
                          .on_failed = [&owner](const Error& error) { owner.lose(error); },
                          .on_channel = [this](transport::Channel& channel) { on_channel(channel); },
                          .on_channel_credit = [this] { attach_waiting(); },
                          .on_closed =
                              [&owner](const transport::CloseReason& reason) {
                                owner.lose(lost_error(reason, owner.server_));
                              }}) {}

std::shared_ptr<Lane> Session::Wiring::open_lane(Lane::Kind kind, LaneEvents events,
                                                 std::uint16_t more_flags) {
  auto lane = std::make_shared<Lane>(kind, session.options_.max_payload_bytes, std::move(events), more_flags);
  forget_expired(lanes);
  lanes.push_back(lane);
  waiting.push_back(lane);
  attach_waiting();
  return lane;
}

void Session::Wiring::attach_waiting() {
  if (connection == nullptr) return;
  std::size_t attached = 0;
  while (attached < waiting.size()) {
    const std::shared_ptr<Lane>& next = waiting[attached];
    if (next->state() == Lane::State::pending && !attach(next)) break;
    ++attached;
  }
  waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(attached));
}

bool Session::Wiring::attach(const std::shared_ptr<Lane>& lane) {
  transport::Channel* channel =
      lane->kind() == Lane::Kind::two_way ? connection->open_bidi() : connection->open_uni();
  if (channel == nullptr) return false;
  transport::ChannelEvents events;
  events.on_bytes = [lane](Bytes bytes) { lane->on_bytes(bytes); };
  events.on_readable = [lane, channel] {
    lane->on_readable(channel->peer_finished(), channel->peer_reset());
  };
  events.on_writable = [lane, channel] { lane->on_writable(channel->peer_stopped()); };
  events.on_closed = [lane, channel] {
    lane->detach();
    // The end of the whole connection is told with its reason, by the session.
    if (!channel->connection().closing())
      lane->on_lost(Error{Errc::unavailable, "the broker closed the channel"});
  };
  channel->set_events(std::move(events));
  const ConnectOptions& options = session.options_;
  std::optional<std::uint32_t> features = options.client_features;
  if (features && options.ack_on_commit) *features |= wire::kFeatureAckOnCommit;
  lane->attach(*channel,
               Credentials{options.tenant, token, options.client_flags, features, options.client_features_hi},
               session.agreement_);
  return true;
}

void Session::Wiring::on_channel(transport::Channel& channel) {
  if (channel.is_bidirectional()) return;  // brokers open none: whatever comes is refused
  auto events =
      std::make_shared<EventChannel>(session.options_.max_payload_bytes,
                                     [this](const std::shared_ptr<EventChannel>& begun, SubscriptionId id) {
                                       session.router_->on_hello(begun, id);
                                     });
  forget_expired(event_channels);
  event_channels.push_back(events);
  events->attach(channel);
  transport::Channel* const source = &channel;
  channel.set_events({.on_bytes = [events](Bytes bytes) { events->on_bytes(bytes); },
                      .on_readable =
                          [events, source] {
                            events->on_readable(source->peer_finished(), source->peer_reset(),
                                                source->peer_reset_code());
                          },
                      .on_writable = nullptr,
                      .on_closed = [events] { events->detach(); }});
}

std::vector<std::shared_ptr<Lane>> Session::Wiring::disconnect() {
  connection = nullptr;
  waiting.clear();
  std::vector<std::shared_ptr<Lane>> live;
  for (const auto& entry : std::exchange(lanes, {}))
    if (auto lane = entry.lock()) live.push_back(std::move(lane));
  return live;
}

void Session::Wiring::lose_events(const Error& error) {
  session.router_->clear();
  for (const auto& entry : std::exchange(event_channels, {}))
    if (const auto channel = entry.lock()) channel->on_lost(error);
}

void Session::Wiring::for_each_member(const std::function<void(SessionMember&)>& visit) {
  IntrusiveList<SessionMember, &SessionMember::hook> todo;
  while (SessionMember* member = session.members_.pop_front()) todo.push_back(*member);
  while (SessionMember* member = todo.pop_front()) {
    session.members_.push_back(*member);
    visit(*member);
  }
}

}  // namespace felix::client
