#include "cost/bed.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "broker/settings.h"
#include "config/broker_config.h"
#include "config/broker_settings.h"
#include "config/load.h"
#include "crypto/tls_context.h"
#include "crypto/token.h"
#include "io/file.h"
#include "metadata/command.h"
#include "metadata/routing_table.h"

// Callgrind counts inside these two, see check.py. They do something after the turn, so that they are still
// on the stack during it.
extern "C" {

[[gnu::noinline]] void felix_cost_broker_turn(felix::io::Loop& loop, felix::MonoTime until,
                                              felix::cost::MemoryUse& use) {
  const felix::cost::MemoryUse before = felix::cost::memory_use();
  loop.turn(until);
  use += felix::cost::memory_use() - before;
}

[[gnu::noinline]] void felix_cost_client_turn(felix::io::Loop& loop, felix::MonoTime until,
                                              felix::cost::MemoryUse& use,
                                              const std::function<void()>& begin) {
  const felix::cost::MemoryUse before = felix::cost::memory_use();
  if (begin) begin();
  loop.turn(until);
  use += felix::cost::memory_use() - before;
}
}

namespace felix::cost {
namespace {

// What a turn looks for is there already, as a rule: it sleeps only when it has nothing to do, or when a busy
// machine is late with a packet.
constexpr Duration kLatePacket = std::chrono::milliseconds(10);
constexpr std::uint64_t kMaxTurns = 1'000'000;

std::shared_ptr<const metadata::RoutingTable> routes() {
  using namespace metadata;
  State state;
  const std::string tenant = broker::kDefaultTenant;
  const std::string space = broker::kDefaultNamespace;
  for (const Command& command :
       {Command(CreateTenant{tenant, ""}), Command(CreateNamespace{tenant, space, ""}),
        Command(CreateStream{tenant, space, kStream, {}}), Command(CreateCache{tenant, space, kCache, {}})})
    must(execute(state, command));
  return RoutingTable::build(state);
}

std::string without_newline(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

void give_up(const std::string& why) {
  std::fprintf(stderr, "felix_cost: %s\n", why.c_str());
  std::exit(1);
}

void must(const Status& status) {
  if (!status) give_up(to_string(status.error()));
}

// The certificate library reads the system's clock, and must find its certificates valid.
Bed::Bed()
    : clock_(io::SystemClock().wall_now()),
      admission_({}, 1),
      memory_(std::size_t{512} << 20, 0),
      common_{admission_, memory_, 1, 0, {}} {
  const std::string state_directory = directory_.path() + "/state";
  must(io::make_directories(state_directory, 0700));
  identity_ = must(broker::open_standalone_identity(state_directory, {}, clock_.wall_now()));
  admin_token_ = without_newline(must(io::read_file(identity_.admin_token_path, 1 << 16)));

  config::Places places;
  places.state_directory = state_directory;
  const auto values = must(config::load(config::broker_settings(), {}));
  broker::ReactorOptions options =
      must(broker::server_options(must(config::make_broker_config(values, places)))).reactor;
  crypto::TlsServerOptions tls;
  tls.identity = identity_.server;
  reactor_ =
      must(broker::Reactor::create(0, 1, must(io::Address::parse("127.0.0.1:0")), clock_, common_, options,
                                   must(crypto::TlsServerContext::create(std::move(tls), clock_.wall_now())),

                                   std::make_shared<const broker::AccessPolicy>(broker::AccessPolicy{
                                       1, crypto::TokenVerifier(identity_.token_keys), {}}),
                                   routes()));
  reactor_->connect_to({reactor_.get()});
  client_loop_ = must(io::Loop::create(clock_));
}

Bed::~Bed() {
  reactor_->stop();
  reactor_->run();
}

client::ConnectOptions Bed::connect_options() const {
  client::ConnectOptions options;
  options.servers = {reactor_->local().to_string()};
  options.server_name = "localhost";
  options.ca_file = identity_.ca_path;
  options.token = admin_token_;
  options.reconnect.enabled = false;
  return options;
}

std::unique_ptr<client::Session> Bed::connect() {
  auto session = must(client::Session::create(*client_loop_, connect_options()));
  session->start();
  warm_up([&] { return session->ready() || session->state() == client::Session::State::closed; });
  if (!session->ready()) give_up(to_string(*session->last_error()));
  return session;
}

void Bed::warm_up(const Done& done) {
  for (std::uint64_t turns = 0; !done(); ++turns) {
    if (turns == kMaxTurns) give_up("the warm-up does not end");
    client_loop_->turn(clock_.now() + kLatePacket);
    reactor_->loop().turn(clock_.now() + kLatePacket);
    clock_.step();
  }
}

Cost Bed::measure(const std::function<void()>& begin, const Done& done) {
  Cost cost;
  for (; !done(); ++cost.turns) {
    if (cost.turns == kMaxTurns) give_up("the measured part does not end");
    felix_cost_client_turn(*client_loop_, clock_.now() + kLatePacket, cost.client,
                           cost.turns == 0 ? begin : std::function<void()>());
    felix_cost_broker_turn(reactor_->loop(), clock_.now() + kLatePacket, cost.broker);
    clock_.step();
  }
  return cost;
}

}  // namespace felix::cost
