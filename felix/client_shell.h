#pragma once
// A loop, its signals and a session that is connected: what every client command begins with.

#include <functional>
#include <memory>

#include "client/session.h"
#include "felix/client_flags.h"
#include "io/clock.h"
#include "io/loop.h"
#include "io/signals.h"

namespace felix::command {

class ClientShell {
 public:
  // connect_failed, tls_failed, unauthenticated, ..., or interrupted, as Session::connect.
  static Result<std::unique_ptr<ClientShell>> open(const ClientFlags& flags);
  ClientShell(const ClientShell&) = delete;
  ClientShell& operator=(const ClientShell&) = delete;

  io::Loop& loop() { return *loop_; }
  client::Session& session() { return *session_; }
  bool interrupted() const { return interrupted_; }
  // What SIGINT and SIGTERM do instead of ending every wait with `interrupted`.
  void set_on_interrupt(std::function<void()> on_interrupt) { on_interrupt_ = std::move(on_interrupt); }

 private:
  ClientShell() = default;

  io::SystemClock clock_;
  std::unique_ptr<io::Loop> loop_;
  std::unique_ptr<io::Signals> signals_;
  std::unique_ptr<client::Session> session_;
  std::function<void()> on_interrupt_;
  bool interrupted_ = false;
};

}  // namespace felix::command
