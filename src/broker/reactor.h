#pragma once
// One core's engine: a loop, the client connections on it, and the streams and caches at home on it. Nothing
// of it is touched by another thread; messages come through mailboxes.
//
// A turn: timers · packets (events recorded, then delivered: requests are handled here) · mailboxes · event
// channels with something new · flush of dirty connections.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <unordered_map>
#include <variant>
#include <vector>

#include "broker/admission.h"
#include "broker/authenticator.h"
#include "broker/command.h"
#include "broker/event_channel.h"
#include "broker/homes.h"
#include "broker/memory_accounts.h"
#include "broker/memory_plan.h"
#include "broker/metrics.h"
#include "broker/reactor_lane.h"
#include "broker/session.h"
#include "config/stream_policy.h"
#include "io/loop.h"
#include "json/reader.h"
#include "metadata/routing_table.h"
#include "transport/endpoint.h"

namespace felix::crypto {
class TlsServerContext;
}

namespace felix::broker {

struct ReactorOptions {
  transport::TransportConfig transport{.first_window_bytes = kFirstWindowBytes,
                                       .first_bidi_streams = 16,
                                       .first_uni_streams = kFirstUniStreams,
                                       .stream_state_bytes = kStreamBytes};
  io::UdpOptions udp;
  transport::EndpointSecrets secrets;
  HomeOptions homes;
  std::size_t ingress_bytes = std::size_t{512} << 20;      // windows granted to all peers of this reactor
  std::size_t subscription_bytes = std::size_t{64} << 20;  // state of all subscriptions of this reactor
  std::size_t frame_cache_bytes = std::size_t{32} << 20;   // memory kept for the next frames
  std::uint32_t max_frame_bytes = 16u << 20;
  std::uint32_t preauth_max_frame_bytes = 64u << 10;
  std::uint32_t preauth_max_streams = 16;
  Duration auth_timeout = std::chrono::seconds(10);  // 0 = off
  std::uint32_t max_subscriptions = 4096;            // per connection
  streams::SubscriptionOptions subscription;
  std::uint32_t subscription_max_items = 4096;        // what a client may ask for
  std::vector<config::StreamPolicy> stream_policies;  // instead of `subscription`; the first that applies
  streams::TakeLimits event_limits;
  Duration event_delay{0};              // how long an event may wait for company; 0: no timer is ever armed
  std::size_t answer_bytes = 4u << 20;  // of one channel, not yet acknowledged, before it is not read
  std::size_t answer_items = 2048;      // of one channel, waiting for outcomes
  std::size_t channel_publish_bytes = 16u << 20;      // of publishes of one channel whose outcome is withheld
  std::size_t reactor_publish_bytes = 64u << 20;      // the same of all channels of the reactor
  Duration frame_timeout = std::chrono::seconds(10);  // a frame of which no byte comes ends its stream
  // On their way to all other reactors, before no publisher is read until they have been taken.
  std::size_t transit_bytes = 32u << 20;
  bool shed_publishes = false;         // beyond these: refused and counted, rather than left unread
  std::uint32_t publish_window = 256;  // acked publishes of one channel without an answer; 0: no such promise
  Duration answer_stall_timeout = std::chrono::seconds(30);  // a client that reads no answer loses the stream
  Duration stream_credit_patience = std::chrono::seconds(2);   // for a subscriber to grant an event stream
  Duration drain_read_grace = std::chrono::milliseconds(500);  // for clients to end by themselves
  // A drain waits for a peer for as long as it takes something so often. Longer than a reader's pause to
  // collect its garbage, and than three losses in a row on a path of 100 ms; a fraction of any drain timeout,
  // of which it is spent once, however many peers have gone without a word.
  Duration drain_patience = std::chrono::seconds(2);
  bool create_on_use = true;
  bool busy_poll = false;
};

// Asks the metadata thread to create a stream or cache.
struct CreateRequest {
  std::uint32_t reactor = 0;
  std::uint64_t session = 0;
  std::int64_t channel = 0;
  bool cache = false;
  std::string tenant_id;
  std::string namespace_id;
  std::string name;
};

// From the main thread to a reactor.
struct NewRoutes {
  std::shared_ptr<const metadata::RoutingTable> table;
};
struct NewTls {
  std::shared_ptr<const crypto::TlsServerContext> context;
};
struct NewPolicy {
  std::shared_ptr<const AccessPolicy> policy;
};
struct Created {
  std::uint64_t session = 0;
  std::int64_t channel = 0;
  Status outcome;
};
struct BeginDrain {
  MonoTime deadline;
};
using MainMessage = std::variant<std::monostate, NewRoutes, NewTls, NewPolicy, Created, BeginDrain>;

// Shared by the reactors of a broker; outlives them.
struct Common {
  Admission& admission;
  MemoryAccounts& memory;
  std::atomic<std::uint64_t> next_subscription_id{1};
  // Reactors whose connections are gone in a drain. None stops before all are: others wait for what is at
  // home on it.
  std::atomic<std::uint32_t> drained_reactors{0};
  // Posts to the metadata thread; false when it cannot take more now.
  std::function<bool(std::uint32_t reactor, CreateRequest&&)> request_creation;
  // Reactors that have answered all they read, and those whose deliveries have been posted since.
  std::atomic<std::uint32_t> settled_reactors{0};
  std::atomic<std::uint32_t> posted_reactors{0};
};

class Reactor {
 public:
  // Binds the socket. Reactors must be created in the order of their index: the kernel steers by it.
  static Result<std::unique_ptr<Reactor>> create(std::uint32_t index, std::uint32_t count,
                                                 const io::Address& local, const io::Clock& clock,
                                                 Common& common, const ReactorOptions& options,
                                                 std::shared_ptr<const crypto::TlsServerContext> tls,
                                                 std::shared_ptr<const AccessPolicy> policy,
                                                 std::shared_ptr<const metadata::RoutingTable> routes);
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  // Before start(), on the creating thread.
  void connect_to(const std::vector<Reactor*>& peers) { peers_ = peers; }
  const io::Address& local() const { return endpoint_->local(); }
  bool steered() const { return endpoint_->steered(); }
  io::SocketBuffers granted_buffers() const { return endpoint_->granted_buffers(); }
  const telemetry::MetricSet& metrics() const { return metric_set_; }
  // Since the start, as of its last look around. Any thread.
  std::uint64_t datagrams_received() const {
    return static_cast<std::uint64_t>(metrics_.udp_datagrams_received.value());
  }

  // run() on a thread of its own.
  void start();
  // Waits for the thread, which ends when a drain is over or stop() was called.
  void join();
  // Serves on the calling thread until a drain is over or stop() was called, and takes everything down.
  void run();
  // For who turns it himself, on one thread, instead of start(); stop() and run() take it down then.
  io::Loop& loop() { return *loop_; }
  void stop() { loop_->stop(); }
  bool finished() const { return finished_.load(std::memory_order_acquire); }

  // Main thread.
  bool try_post(MainMessage&& message) { return from_main_->try_post(std::move(message)); }

  // --- the rest: on the reactor's thread, for its sessions ---
  MonoTime now() const { return loop_->now(); }
  std::uint32_t index() const { return index_; }
  const ReactorOptions& options() const { return options_; }
  flow::Budget& subscription_account() { return accounts_.subscriptions; }
  Common& common() { return common_; }
  Metrics& counters() { return metrics_; }
  TimedRuns& timed_runs() { return timed_runs_; }
  Authenticator& authenticator() { return authenticator_; }
  json::Reader& json_reader() { return json_reader_; }
  const metadata::RoutingTable& routes() const { return *routes_; }
  const io::Clock& clock() const { return loop_->clock(); }
  // Wall time as of a tenth of a second ago or less; what the life of a token is held against.
  WallTime wall() const { return wall_; }
  bool draining() const { return drain_.step != DrainStep::none; }
  // Nobody is read: more is queued for other reactors than they take, or all bytes publishes without an
  // outcome may hold are used up.
  bool congested() const { return congested_; }
  // Three quarters of these bytes are used up: whose they are waits, the rest is for others.
  bool over_publish_budget() const { return over_publish_budget_; }
  void note_withheld(std::ptrdiff_t bytes);
  // A drain gave clients time to end by themselves: from here on only what was read is answered.
  bool reading_over() const;

  std::uint32_t home_of(ShardId shard) const;
  std::uint32_t home_of_cache(std::uint64_t incarnation) const;

  // Runs here when this is the home (the outcome is returned) or posts it (nullopt: the outcome comes to the
  // command's origin).
  std::optional<Result<Outcome>> submit(PublishCommand&& command);
  std::optional<Result<Outcome>> submit(JoinCommand&& command);
  std::optional<Result<Outcome>> submit(CacheCommand&& command);
  void leave(ShardId shard);
  void set_blocked(ShardId shard, bool blocked);
  bool request_creation(CreateRequest&& request);

  void add_reader(EventChannel& events);
  void remove_reader(EventChannel& events);
  void mark_dirty(EventChannel& events);

  void forget(Session& session);
  // A defect ended what `where` names; counted and logged.
  void note_failure(std::string_view where, std::string_view why);
  // The session has channels whose tokens wait for their turn to be verified.
  void wait_to_authenticate(Session& session);

 private:
  Reactor(std::uint32_t index, std::uint32_t count, Common& common, const ReactorOptions& options,
          std::shared_ptr<const AccessPolicy> policy);
  Status open(const io::Address& local, const io::Clock& clock);

  bool turn();
  void look_after_sessions();
  void take(MainMessage&& message);
  void take(ReactorMessage&& message);
  void post(std::uint32_t to, ReactorMessage&& message);
  bool flush_outboxes();
  void update_congestion(bool relieved);
  void pump_events();
  void keep_fanout_bounds();
  void deliver_locally(ShardId shard, const streams::Delivery& delivery);
  void deliver_outcome(const Origin& origin, Result<Outcome> outcome);
  Result<Outcome> run_join(const JoinCommand& command);
  Result<Outcome> run_cache(const CacheCommand& command);
  std::optional<Result<Outcome>> run_publish(const PublishCommand& command);
  template <class Run>
  std::invoke_result_t<Run> or_failure(Run&& run);
  bool authenticate_waiting();
  // reactor_drain.cc
  enum class DrainStep : std::uint8_t { none, reading, answering, posting, delivering, closing, parting };
  struct Drain {
    DrainStep step = DrainStep::none;
    MonoTime began{};
    MonoTime deadline = kNever;
    std::uint32_t repeats_left = 0;
    MonoTime repeat_at{};
  };
  void begin_drain(MonoTime deadline);
  void continue_drain();
  bool take_drain_step();
  bool all_delivered();
  void close_connections(bool late);
  void part();
  ReactorLane& lane_to(std::uint32_t reactor) const { return *peers_[reactor]->lanes_[index_]; }
  bool all_posted() const;
  bool all_taken() const;
  void post_foreign(std::uint32_t owner, Bytes packet, const io::Address& from);
  void publish_gauges();
  void on_connection(transport::Connection& connection);

  const std::uint32_t index_;
  const std::uint32_t count_;
  Common& common_;
  const ReactorOptions options_;
  telemetry::MetricSet metric_set_;
  Metrics metrics_;

  std::unique_ptr<io::Loop> loop_;
  std::unique_ptr<io::Mailbox<MainMessage>> from_main_;
  std::vector<std::unique_ptr<ReactorLane>> lanes_;  // to here, by sender
  std::size_t lane_bytes_ = 0;                       // of one lane, before its sender is congested
  std::vector<Reactor*> peers_;

  std::shared_ptr<const metadata::RoutingTable> routes_;
  std::shared_ptr<const crypto::TlsServerContext> tls_;
  Authenticator authenticator_;
  json::Reader json_reader_;
  Homes homes_;
  ReactorAccounts accounts_;
  FanoutGuard fanout_;
  bool fanout_pressed_ = false;
  std::unordered_map<ShardId, std::vector<EventChannel*>> readers_;
  TimedRuns timed_runs_;
  IntrusiveList<EventChannel, &EventChannel::dirty_hook_> dirty_events_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Session>> sessions_;
  std::vector<std::unique_ptr<Session>> ended_sessions_;
  IntrusiveList<Session, &Session::auth_hook_> waiting_to_authenticate_;
  std::uint64_t next_session_ = 1;

  std::unique_ptr<io::Timer> housekeeping_;
  std::unique_ptr<io::Timer> event_timer_;  // only with an event delay
  std::unique_ptr<transport::Endpoint> endpoint_;
  WallTime wall_{};
  Drain drain_;
  bool congested_ = false;  // nobody is read
  bool over_publish_budget_ = false;
  bool lane_full_ = false;
  std::size_t withheld_bytes_ = 0;
  Ring<OutcomeMessage> held_outcomes_;  // of other reactors' publishes, while a lane is full
  std::thread thread_;
  std::atomic<bool> finished_{false};
};

}  // namespace felix::broker
