#include "client/session.h"

#include <algorithm>
#include <utility>

#include "client/backoff.h"
#include "client/close_error.h"
#include "client/dialer.h"
#include "client/event_router.h"
#include "client/random_seed.h"
#include "client/session_wiring.h"
#include "client/token_source.h"

namespace felix::client {

Result<std::unique_ptr<Session>> Session::create(io::Loop& loop, ConnectOptions options) {
  if (options.servers.empty()) return fail(Errc::usage, "no server given; name one as host:port");
  if (options.token.empty() && options.token_file.empty())
    return fail(Errc::usage, "no token given; every Felix broker wants one");
  if (options.ca_pem.empty() && options.ca_file.empty())
    return fail(Errc::usage, "no CA certificate given; it is how the broker is recognised");
  return std::unique_ptr<Session>(new Session(loop, std::move(options)));
}

Session::Session(io::Loop& loop, ConnectOptions options)
    : loop_(loop),
      options_(std::move(options)),
      router_(std::make_unique<EventRouter>()),
      wiring_(std::make_unique<Wiring>(*this)) {}

Session::~Session() { close(); }

void Session::start() {
  if (state_ == State::idle) attempt();
}

Status Session::connect() {
  start();
  return wait_for([this] { return ready(); });
}

Status Session::wait_for(const std::function<bool()>& done, MonoTime deadline) {
  const bool met = loop_.run_until([&] { return done() || state_ == State::closed; }, deadline);
  if (done()) return {};
  if (state_ == State::closed)
    return std::unexpected(last_error_.value_or(Error{Errc::connection_lost, "the session is closed"}));
  if (!met && loop_.stopping()) return fail(Errc::interrupted, "interrupted");
  return fail(Errc::timed_out, "the deadline passed");
}

void Session::attempt() {
  set_state(State::connecting);
  wiring_->dialer.dial();
}

void Session::on_connected(transport::Connection& connection, const std::string& server) {
  server_ = server;
  cipher_ = connection.cipher();
  ++connection_count_;
  auto token = read_token(options_);
  if (!token) return give_up_connection(std::move(token).error());
  wiring_->connection = &connection;
  wiring_->token = std::move(*token);
  LaneEvents events;
  events.on_open = [this] { on_ready(); };
  events.on_ended = [this](const Error& error) { on_control_ended(error); };
  control_ = wiring_->open_lane(Lane::Kind::two_way, std::move(events), 0);
}

void Session::on_ready() {
  agreement_ = control_->agreement();
  accepted_ = true;
  first_ = false;
  wiring_->backoff.reset();
  last_error_.reset();
  wiring_->for_each_member([](SessionMember& member) {
    if (member.on_connected) member.on_connected();
  });
  set_state(State::ready);
}

// Once authenticated the session's own channel has done its work; the connection's end is told elsewhere.
void Session::on_control_ended(const Error& error) {
  control_.reset();
  if (state_ == State::connecting && wiring_->connection != nullptr) give_up_connection(error);
}

void Session::give_up_connection(Error error) {
  wiring_->dialer.close("not accepted");
  lose(std::move(error));
}

void Session::lose(Error error) {
  const bool refused = error.code == Errc::unauthenticated || error.code == Errc::forbidden;
  const bool curable = error.code != Errc::usage && !(refused && options_.token_file.empty());
  end(std::move(error),
      options_.reconnect.enabled && curable && (!first_ || options_.reconnect.from_the_start));
}

void Session::close() {
  if (state_ == State::closed) return;
  wiring_->retry_timer.disarm();
  wiring_->dialer.close("client is done");
  end(Error{Errc::connection_lost, "the session was closed"}, false);
}

void Session::end(Error error, bool again) {
  const bool members_knew = std::exchange(accepted_, false);
  const auto lanes = wiring_->disconnect();
  control_.reset();
  agreement_ = {};
  last_error_ = error;
  if (again) wiring_->retry_timer.arm(loop_.now() + wiring_->backoff.next());
  state_ = again ? State::backing_off : State::closed;
  for (const auto& lane : lanes) lane->on_lost(error);
  wiring_->lose_events(error);
  if (members_knew || !again)
    wiring_->for_each_member([&](SessionMember& member) {
      if (member.on_disconnected) member.on_disconnected(error, !again);
    });
  if (on_state_) on_state_(state_);
}

void Session::join(SessionMember& member) { members_.push_back(member); }

std::shared_ptr<Lane> Session::open_lane(Lane::Kind kind, LaneEvents events, std::uint16_t more_flags) {
  return wiring_->open_lane(kind, std::move(events), more_flags);
}

void Session::set_state(State state) {
  if (state_ == state) return;
  state_ = state;
  if (on_state_) on_state_(state);
}

}  // namespace felix::client
