#pragma once
// A broker in this process, on loopback, for as long as the object lives; and clients of it.

#include <memory>
#include <string>
#include <thread>

#include "broker/server.h"
#include "client/session.h"
#include "io/clock.h"
#include "support/stepped_clock.h"
#include "support/temporary_directory.h"

namespace felix::test {

class RunningBroker {
 public:
  // `ahead`: how far its time of day is from the real one at the start.
  explicit RunningBroker(std::uint32_t reactors, broker::ServerOptions options = {},
                         Duration ahead = Duration::zero());
  ~RunningBroker();

  std::string address() const { return server_->address().to_string(); }
  broker::Server& server() { return *server_; }
  const io::Clock& clock() const { return clock_; }
  // A token of the broker's key: `permissions` like "stream.publish:stream:default/default/*".
  std::string token(std::vector<std::string> permissions, std::string tenant = "default",
                    std::int64_t expires_in_seconds = 600, std::string subject = "p:test",
                    std::string token_id = {}, std::string audience = "felix-broker") const;
  std::string admin_token() const;
  // With the administrator's token unless one is given.
  client::ConnectOptions client_options(std::string token = {}) const;
  // What an operator does in the state directory; server().request_reload() tells the broker.
  void write_state(const std::string& name, std::string_view text) const;
  void move_state(const std::string& from, const std::string& to) const;
  void remove_state(const std::string& name) const;
  bool has_state(const std::string& name) const;
  // Sets the time of day forward, for the broker and its clients.
  void step_wall_clock(Duration by) { clock_.step(by); }
  // Drains and waits; the time it took.
  Duration stop();
  // One metric's value as exposed, all label values added up; 0 when absent.
  double metric(const std::string& name_and_labels) const;

 private:
  std::string state(const std::string& name) const { return directory_.path() + "/state/" + name; }

  TemporaryDirectory directory_{TemporaryDirectory::in_memory()};
  SteppedClock clock_;
  std::unique_ptr<broker::Server> server_;
  std::thread thread_;
};

// One client connection on a loop of its own.
struct TestClient {
  explicit TestClient(const RunningBroker& broker, std::string token = {});
  explicit TestClient(const RunningBroker& broker, client::ConnectOptions options);
  ~TestClient();

  std::unique_ptr<io::Loop> loop;
  std::unique_ptr<client::Session> session;
};

wire::RecordRun records(const std::vector<std::string>& texts);
std::vector<std::string> texts_of(const wire::RecordRun& run);

}  // namespace felix::test
