#pragma once
// One client connection: the channels it opened, and the event channels opened towards it.

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

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

  // Subscriptions being served or asked for.
  bool try_reserve_subscription();
  void release_subscription() { --subscriptions_; }
  // Lets `channel` join its stream once the peer has credit for the event channel, at once or within a
  // bounded time: ChannelSession::join, or give_up_join. Only then, because from its join on a reader must be
  // there for what is published.
  void ask_to_join(std::int64_t channel, std::uint64_t slot);
  // A join ended. The event channel of a joined one, null when the connection is closing.
  transport::Channel* note_joined(bool joined);
  // Registers the reader. Its events wait for release_events(), and are given up with the channel that asked.
  void start_events(transport::Channel& channel, EventFormat format, JoinOutcome outcome,
                    std::optional<std::uint32_t> queue_capacity);
  // The answer to its subscribe has been written.
  void release_events(std::int64_t id);

  // Null when the channel has ended meanwhile.
  ChannelSession* find_channel(std::int64_t id);

  // What stopped requests from being read is over.
  void resume();
  // Once in a while: gives up waits that took too long, closes what does not authenticate or does not read.
  void look_after(MonoTime now);
  // Everything asked was answered and every answer has left; with `events_too`, every event as well.
  bool quiet(bool events_too) const;
  std::size_t waiting_answers() const;
  std::size_t answer_bytes() const;

 private:
  struct WaitingJoin {
    std::int64_t channel = 0;
    std::uint64_t slot = 0;
    MonoTime give_up;
  };

  void on_channel(transport::Channel& channel);
  void start_joins();
  void on_channel_closed(std::int64_t id);
  void leave_unauthenticated();
  void on_closed(const transport::CloseReason& reason);

  Reactor& reactor_;
  transport::Connection& connection_;
  const io::Address source_;
  const std::uint64_t id_;
  const MonoTime opened_at_;
  std::unordered_map<std::int64_t, std::unique_ptr<ChannelSession>> channels_;
  std::unordered_map<std::int64_t, std::unique_ptr<EventChannel>> events_;
  std::vector<WaitingJoin> waiting_joins_;
  bool authenticated_ = false;       // some channel is, or was
  std::size_t unauthenticated_ = 0;  // channels let in, and not yet authenticated
  std::size_t subscriptions_ = 0;
  std::size_t joins_in_flight_ = 0;
  bool resume_next_turn_ = false;  // a place to authenticate became free
};

}  // namespace felix::broker
