#pragma once
// One client connection: the channels it opened, and the event channels opened towards it.

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "broker/access_policy.h"
#include "broker/channel_session.h"
#include "broker/event_channel.h"
#include "transport/connection.h"

namespace felix::broker {

class Session {
 public:
  Session(Reactor& reactor, transport::Connection& connection, std::uint64_t id, MonoTime now);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  std::uint64_t id() const { return id_; }
  Reactor& reactor() { return reactor_; }
  transport::Connection& connection() { return connection_; }

  // Only so many channels are read before they authenticated. A channel that was let in leaves when it is
  // authenticated or gone.
  bool try_let_in();
  void note_authenticated();
  bool authenticated() const { return authenticated_; }

  // Subscriptions being served or asked for. limit_exceeded: this connection has its share; overloaded: the
  // account of all is full.
  Status reserve_subscription();
  void release_subscription();
  // Lets `channel` join its stream once the peer has credit for the event channel, at once or within a
  // bounded time: ChannelSession::join, or give_up_join. Only then, because from its join on a reader must be
  // there for what is published.
  void ask_to_join(std::int64_t channel, std::uint64_t slot);
  // A join ended. The event channel of a joined one, null when the connection is closing.
  transport::Channel* note_joined(bool joined);
  // Registers the reader. Its events wait for release_events(), and are given up with the channel that asked.
  // `standing` is that of who subscribed: the events end with it.
  void start_events(transport::Channel& channel, EventFormat format, JoinOutcome outcome,
                    std::optional<std::uint32_t> queue_capacity, const Standing& standing);
  // Takes back what was begun of a subscription between note_joined() and the end of start_events().
  void undo_join(transport::Channel& events, ShardId shard);
  // The answer to its subscribe has been written.
  void release_events(std::int64_t id);

  // Null when the channel has ended meanwhile.
  ChannelSession* find_channel(std::int64_t id);

  // A stream of `standing` was ended for that.
  void note_sent_away(const Standing& standing, Objection objection);
  // The token of `channel` waits until signatures are verified again.
  void wait_to_authenticate(std::int64_t channel);
  // One of those that wait may go on; true when more wait.
  bool authenticate_waiting();

  // What stopped requests from being read is over.
  void resume();
  // Once in a while: gives up waits that took too long, closes what does not authenticate or does not read.
  void look_after(MonoTime now);
  // Everything asked was answered.
  bool settled() const;
  // What the peer has not acknowledged, and what its subscriptions have not handed to the transport.
  struct Owed {
    std::size_t bytes = 0;
    std::size_t batches = 0;
  };
  Owed owed() const;
  // The peer has acknowledged all it is owed, or has not taken a byte of it for
  // ReactorOptions::drain_patience.
  bool has_taken_all_it_takes(MonoTime now);
  std::size_t waiting_answers() const;
  std::size_t answer_bytes() const;

  ListHook<Session> auth_hook_;  // in the reactor's list of sessions whose tokens wait

 private:
  struct WaitingJoin {
    std::int64_t channel = 0;
    std::uint64_t slot = 0;
    MonoTime give_up;
  };

  struct Subscription {
    std::unique_ptr<EventChannel> events;
    transport::Channel* channel = nullptr;
    Standing standing;
  };

  void on_channel(transport::Channel& channel);
  void start_joins();
  void on_channel_closed(std::int64_t id);
  void leave_unauthenticated();
  void on_closed(const transport::CloseReason& reason);
  void review_subscriptions();
  // Takes the subscription from its stream; its channel stays.
  void release(Subscription& subscription);
  void leave_if_nobody_stands(MonoTime now);

  Reactor& reactor_;
  transport::Connection& connection_;
  const io::Address source_;
  const std::uint64_t id_;
  MonoTime alone_since_;  // opened, or nobody authenticated is left
  std::unordered_map<std::int64_t, std::unique_ptr<ChannelSession>> channels_;
  std::unordered_map<std::int64_t, Subscription> subscribed_;
  std::vector<WaitingJoin> waiting_joins_;
  Ring<std::int64_t> waiting_tokens_;  // channels
  bool authenticated_ = false;         // some channel is, or was and was not sent away
  bool sent_away_ = false;             // some channel was, since the last look
  std::size_t unauthenticated_ = 0;    // channels let in, and not yet authenticated
  std::size_t subscriptions_ = 0;
  flow::Charge subscription_state_;
  std::size_t joins_in_flight_ = 0;
  // As of the last look of a drain.
  struct Taking {
    std::uint64_t handed_records = 0;
    std::size_t owed_bytes = 0;
    MonoTime progress_at = kNever;
  };
  Taking taking_;
  bool resume_next_turn_ = false;  // a place to authenticate became free
};

}  // namespace felix::broker
