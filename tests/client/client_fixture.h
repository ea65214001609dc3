#pragma once
// A loop, a model broker and a session to it.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/model_broker.h"
#include "client/session.h"
#include "crypto/test_pki.h"
#include "io/clock.h"
#include "io/loop.h"
#include "wire/record_run.h"

namespace felix::client::test {

struct Fixture {
  explicit Fixture(ModelOptions model = {})
      : loop(io::Loop::create(clock).value()), broker(*loop, std::move(model)) {}

  ConnectOptions options() const {
    ConnectOptions connect;
    connect.servers = {broker.address()};
    connect.ca_pem = crypto::test::ca().certificate_chain.text;
    connect.tenant = "t";
    connect.namespace_id = "n";
    connect.token = "good-token";
    connect.reconnect.initial_backoff = std::chrono::milliseconds(2);
    return connect;
  }
  // For tests in which the broker vanishes without a word: they need not wait long for the silence.
  ConnectOptions impatient() const {
    ConnectOptions connect = options();
    connect.transport.idle_timeout = std::chrono::seconds(1);
    connect.transport.keep_alive = std::chrono::milliseconds(200);
    return connect;
  }
  std::unique_ptr<Session> session() { return session(options()); }
  std::unique_ptr<Session> session(ConnectOptions connect) {
    return Session::create(*loop, std::move(connect)).value();
  }
  // A bound for what would otherwise hang; never a measure.
  MonoTime patience() const { return clock.now() + std::chrono::seconds(20); }
  bool until(const std::function<bool()>& done) { return loop->run_until(done, patience()); }
  // Lets everything in flight arrive.
  void settle() {
    for (int i = 0; i < 50; ++i) loop->turn(clock.now() + std::chrono::milliseconds(1));
  }

  io::SystemClock clock;
  std::unique_ptr<io::Loop> loop;
  ModelBroker broker;
};

inline wire::RecordRun run_of(const std::vector<std::string>& records) {
  wire::RecordRunBuilder builder;
  for (const std::string& record : records) builder.append(as_bytes(record));
  return builder.finish();
}

}  // namespace felix::client::test
