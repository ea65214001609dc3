#pragma once
// A client's one QUIC connection, made again when it is lost, with the channels of its publishers, caches and
// subscribers on it.
//
//   FELIX_TRY(auto session, Session::create(loop, options));
//   FELIX_CHECK(session->connect());
//   Publisher publisher(*session, {});
//
// The session opens and authenticates a channel of its own first, so that `ready` means that the broker knows
// and accepts us, and a bad token is one clear error.
//
// Threads: everything on the loop's thread. Publishers, caches and subscribers must be destroyed before it,
// and it before the Loop.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/intrusive_list.h"
#include "base/time.h"
#include "client/agreement.h"
#include "client/lane.h"
#include "client/options.h"
#include "io/loop.h"

namespace felix::transport {
class Connection;
}

namespace felix::client {

class EventRouter;

// What something that lives on a session wants to hear.
struct SessionMember {
  // A new connection stands: open your lanes.
  std::function<void()> on_connected;
  // It is gone, and its lanes have ended. `final`: nobody will make it again.
  std::function<void(const Error&, bool final)> on_disconnected;
  ListHook<SessionMember> hook;
};

class Session {
 public:
  enum class State : std::uint8_t {
    idle,        // before start()
    connecting,  // first attempts, or again after a loss
    ready,
    backing_off,  // waiting before the next attempt
    closed,       // by us, or for good after an error that another attempt would not cure
  };

  // usage: no server, or neither token nor token file.
  static Result<std::unique_ptr<Session>> create(io::Loop& loop, ConnectOptions options);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Begins to connect; resolving host names blocks.
  void start();
  // start(), then turns the loop until ready. The first failure is final: connect_failed (no answer within
  // connect_timeout, unknown host), tls_failed, unauthenticated or forbidden (the broker's words), draining.
  Status connect();
  // Turns the loop until `done()`. Otherwise: the session's error when it is closed, interrupted when the
  // loop was stopped, timed_out at `deadline`.
  Status wait_for(const std::function<bool()>& done, MonoTime deadline = kNever);
  // Sends CONNECTION_CLOSE now. Work not finished ends; call flush() of publishers first. Idempotent.
  void close();

  State state() const { return state_; }
  bool ready() const { return state_ == State::ready; }
  // Why the last connection or attempt failed; absent when none has.
  const std::optional<Error>& last_error() const { return last_error_; }
  // Connections made so far.
  std::uint64_t connection_count() const { return connection_count_; }
  // Of the session's own channel. Empty unless ready.
  const Agreement& agreement() const { return agreement_; }
  // "host:port" of the broker we are or were connected to.
  const std::string& server() const { return server_; }
  // What that connection is or was encrypted with, e.g. "AES-128-GCM".
  const std::string& cipher() const { return cipher_; }
  const ConnectOptions& options() const { return options_; }
  io::Loop& loop() { return loop_; }
  MonoTime now() const { return loop_.now(); }
  // Told of every change of state (after members are).
  void set_on_state(std::function<void(State)> on_state) { on_state_ = std::move(on_state); }

  // --- for what lives on a session ---
  void join(SessionMember& member);
  bool connected() const { return accepted_; }
  // A channel of its own, which opens as soon as the peer's limit on channels allows. Only while connected().
  // `more_flags` as in Lane.
  std::shared_ptr<Lane> open_lane(Lane::Kind kind, LaneEvents events, std::uint16_t more_flags = 0);
  EventRouter& events() { return *router_; }

 private:
  struct Wiring;
  friend struct Wiring;
  Session(io::Loop& loop, ConnectOptions options);
  void attempt();
  void on_connected(transport::Connection& connection, const std::string& server);
  void on_ready();
  void on_control_ended(const Error& error);
  void give_up_connection(Error error);
  void lose(Error error);
  void end(Error error, bool again);
  void set_state(State state);

  io::Loop& loop_;
  const ConnectOptions options_;
  State state_ = State::idle;
  bool accepted_ = false;  // by the broker, on the present connection
  bool first_ = true;      // no connection was ready yet
  std::optional<Error> last_error_;
  std::uint64_t connection_count_ = 0;
  Agreement agreement_;
  std::string server_;
  std::string cipher_;
  std::function<void(State)> on_state_;
  IntrusiveList<SessionMember, &SessionMember::hook> members_;
  std::shared_ptr<Lane> control_;
  std::unique_ptr<EventRouter> router_;
  std::unique_ptr<Wiring> wiring_;
};

}  // namespace felix::client
