#pragma once
// Inside of Session: the connection, and which of its channels feeds what.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client/backoff.h"
#include "client/dialer.h"
#include "client/event_channel.h"
#include "client/lane.h"
#include "client/session.h"
#include "io/loop.h"
#include "transport/connection.h"

namespace felix::client {

struct Session::Wiring {
  explicit Wiring(Session& owner);

  // Authenticated and fed as soon as the peer's limit on channels lets it be opened.
  std::shared_ptr<Lane> open_lane(Lane::Kind kind, LaneEvents events, std::uint16_t more_flags);
  void attach_waiting();
  bool attach(const std::shared_ptr<Lane>& lane);
  void on_channel(transport::Channel& channel);

  // Forgets the connection; the lanes that were on it, to be told.
  std::vector<std::shared_ptr<Lane>> disconnect();
  void lose_events(const Error& error);

  // Members may leave, and others join, while one is visited.
  void for_each_member(const std::function<void(SessionMember&)>& visit);

  Session& session;
  transport::Connection* connection = nullptr;
  std::string token;
  Backoff backoff;
  io::Timer retry_timer;
  std::vector<std::weak_ptr<Lane>> lanes;
  std::vector<std::shared_ptr<Lane>> waiting;  // for the right to open a channel
  std::vector<std::weak_ptr<EventChannel>> event_channels;
  Dialer dialer;
};

}  // namespace felix::client
