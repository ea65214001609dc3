#include "broker/reactor.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "crypto/tls_context.h"
#include "telemetry/log.h"

namespace felix::broker {
namespace {

telemetry::Logger logger("broker");
constinit telemetry::LogLimiter failure_limiter;

// Messages a mailbox holds; what does not fit waits in the sender's outbox.
constexpr std::size_t kMailboxCapacity = 4096;
// Messages taken from one mailbox in a turn.
constexpr std::size_t kMailboxShare = 256;
// An outbox this long stops publishers of the sending reactor until it has drained by half.
constexpr std::size_t kCongestedAt = 4096;

std::int64_t microseconds_of(WallTime at) {
  return std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch()).count();
}

}  // namespace

Reactor::Reactor(std::uint32_t index, std::uint32_t count, Common& common, const ReactorOptions& options,
                 std::shared_ptr<const AccessPolicy> policy)
    : index_(index),
      count_(count),
      common_(common),
      options_(options),
      metrics_(metric_set_),
      authenticator_(std::move(policy)),
      homes_(
          options.homes,
          [this](std::uint32_t reactor, ShardId shard, const streams::Delivery& delivery) {
            if (reactor == index_) {
              deliver_locally(shard, delivery);
            } else {
              post(reactor, DeliverMessage{shard, delivery});
            }
          },
          [this](const Origin& origin, PublishOutcome outcome) {
            deliver_outcome(origin, Outcome(outcome));
          }),
      accounts_(homes_.retained(), options.ingress_bytes, options.subscription_bytes, metrics_.queue_tables),
      fanout_(common.memory, accounts_) {
  common_.memory.add(accounts_);
}

Reactor::~Reactor() { FELIX_ASSERT(!thread_.joinable()); }

Result<std::unique_ptr<Reactor>> Reactor::create(std::uint32_t index, std::uint32_t count,
                                                 const io::Address& local, const io::Clock& clock,
                                                 Common& common, const ReactorOptions& options,
                                                 std::shared_ptr<const crypto::TlsServerContext> tls,
                                                 std::shared_ptr<const AccessPolicy> policy,
                                                 std::shared_ptr<const metadata::RoutingTable> routes) {
  std::unique_ptr<Reactor> reactor(new Reactor(index, count, common, options, std::move(policy)));
  reactor->tls_ = std::move(tls);
  reactor->routes_ = std::move(routes);
  FELIX_CHECK(reactor->open(local, clock));
  return reactor;
}

Status Reactor::open(const io::Address& local, const io::Clock& clock) {
  FELIX_TRY(loop_, io::Loop::create(clock));
  loop_->set_busy_poll(options_.busy_poll);
  from_main_ = std::make_unique<io::Mailbox<MainMessage>>(*loop_, kMailboxCapacity);
  for (std::uint32_t sender = 0; sender < count_; ++sender)
    lanes_.push_back(std::make_unique<ReactorLane>(*loop_, kMailboxCapacity));
  lane_bytes_ = options_.transit_bytes / std::max(1u, count_ - 1);
  // Before the endpoint's own hook: what we write is flushed in the same turn.
  loop_->at_end_of_turn([this] { return turn(); });

  transport::ListenOptions listen;
  listen.transport = options_.transport;
  listen.ingress = &accounts_.ingress;
  listen.udp = options_.udp;
  listen.secrets = options_.secrets;
  listen.reactor = index_;
  listen.reactor_count = count_;
  listen.tls = [this] { return tls_; };
  listen.admit = [this](const io::Address& from) { return common_.admission.has_room(from); };
  listen.on_connection = [this](transport::Connection& connection) { on_connection(connection); };
  listen.on_foreign_packet = [this](std::uint32_t owner, Bytes bytes, const io::Address& from) {
    post_foreign(owner, bytes, from);
  };
  FELIX_TRY(endpoint_, transport::Endpoint::listen(*loop_, local, std::move(listen)));
  housekeeping_ = std::make_unique<io::Timer>(*loop_, [this] { look_after_sessions(); });
  housekeeping_->arm(loop_->clock().now());
  wall_ = clock.wall_now();
  if (options_.event_delay.count() > 0) event_timer_ = std::make_unique<io::Timer>(*loop_, [] {});
  return {};
}

void Reactor::start() {
  thread_ = std::thread([this] { run(); });
}

void Reactor::join() {
  if (thread_.joinable()) thread_.join();
}

void Reactor::run() {
  flow::limit_frame_cache(options_.frame_cache_bytes);
  loop_->run();
  endpoint_->flush();
  // A session's end may answer other sessions, which must not be looked for while the table is torn down.
  auto ending = std::exchange(sessions_, {});
  ending.clear();
  ended_sessions_.clear();
  endpoint_.reset();
  flow::trim_frame_cache();
  finished_.store(true, std::memory_order_release);
}

void Reactor::on_connection(transport::Connection& connection) {
  const std::uint64_t id = next_session_++;
  sessions_.emplace(id, std::make_unique<Session>(*this, connection, id, now()));
  metrics_.connections.set(static_cast<std::int64_t>(sessions_.size()));
}

void Reactor::forget(Session& session) {
  const auto found = sessions_.find(session.id());
  if (found == sessions_.end()) return;
  // It is in the middle of an event: it goes when the turn does.
  ended_sessions_.push_back(std::move(found->second));
  sessions_.erase(found);
  metrics_.connections.set(static_cast<std::int64_t>(sessions_.size()));
}

// --- the turn ----------------------------------------------------------------------------------------------

bool Reactor::turn() {
  bool more = false;
  more |= from_main_->drain(kMailboxShare, [this](MainMessage&& message) { take(std::move(message)); }) ==
          kMailboxShare;
  for (auto& lane : lanes_) {
    lane->drain(kMailboxShare, [this](ReactorMessage&& message) { take(std::move(message)); });
    more |= !lane->empty();
  }
  more |= !from_main_->empty();
  if (fanout_.due(now())) keep_fanout_bounds();
  more |= authenticate_waiting();
  pump_events();
  more |= flush_outboxes();
  ended_sessions_.clear();
  continue_drain();
  return more;
}

bool Reactor::authenticate_waiting() {
  authenticator_.begin_turn();
  // One channel of a session at a time: a flood on one connection is behind everyone else's first.
  while (authenticator_.has_signatures_left()) {
    Session* const session = waiting_to_authenticate_.pop_front();
    if (session == nullptr) return false;
    if (session->authenticate_waiting()) waiting_to_authenticate_.push_back(*session);
  }
  return !waiting_to_authenticate_.empty();
}

void Reactor::wait_to_authenticate(Session& session) {
  if (!session.auth_hook_.linked()) waiting_to_authenticate_.push_back(session);
}

void Reactor::take(MainMessage&& message) {
  if (auto* routes = std::get_if<NewRoutes>(&message)) {
    routes_ = std::move(routes->table);
  } else if (auto* tls = std::get_if<NewTls>(&message)) {
    tls_ = std::move(tls->context);
  } else if (auto* access = std::get_if<NewPolicy>(&message)) {
    authenticator_.set_policy(std::move(access->policy));
    housekeeping_->arm(now());  // who may not stay goes now
  } else if (auto* created = std::get_if<Created>(&message)) {
    const auto session = sessions_.find(created->session);
    if (session == sessions_.end()) return;
    if (ChannelSession* channel = session->second->find_channel(created->channel))
      channel->on_created(std::move(created->outcome));
  } else if (auto* drain = std::get_if<BeginDrain>(&message)) {
    begin_drain(drain->deadline);
  }
}

// A command of another reactor: what fails here is the answer to one request there.
template <class Run>
std::invoke_result_t<Run> Reactor::or_failure(Run&& run) {
  try {
    return run();
  } catch (const std::exception& failure) {
    note_failure("command", failure.what());
    return Result<Outcome>(fail(Errc::internal, "the request failed"));
  }
}

void Reactor::note_failure(std::string_view where, std::string_view why) {
  metrics_.failures.add();
  FELIX_LOG_LIMITED(logger, failure_limiter, error, "a handler failed", {"where", where}, {"why", why});
}

void Reactor::take(ReactorMessage&& message) {
  if (auto* publish = std::get_if<PublishCommand>(&message)) {
    auto outcome = or_failure([&] { return run_publish(*publish); });
    if (outcome && lane_full_) {
      // A reactor that reads slowly paces the publishers of all others, too: what they have in flight is
      // bounded, and so is what we keep for it.
      held_outcomes_.push_back(OutcomeMessage{publish->origin, std::move(*outcome)});
    } else if (outcome) {
      deliver_outcome(publish->origin, std::move(*outcome));
    }
  } else if (auto* join = std::get_if<JoinCommand>(&message)) {
    deliver_outcome(join->origin, or_failure([&] { return run_join(*join); }));
  } else if (auto* leave_command = std::get_if<LeaveCommand>(&message)) {
    homes_.leave(leave_command->shard, leave_command->reactor);
  } else if (auto* block = std::get_if<BlockCommand>(&message)) {
    homes_.set_blocked(block->shard, block->blocked);
  } else if (auto* cache = std::get_if<CacheCommand>(&message)) {
    deliver_outcome(cache->origin, or_failure([&] { return run_cache(*cache); }));
  } else if (auto* outcome = std::get_if<OutcomeMessage>(&message)) {
    deliver_outcome(outcome->origin, std::move(outcome->outcome));
  } else if (auto* delivery = std::get_if<DeliverMessage>(&message)) {
    deliver_locally(delivery->shard, delivery->delivery);
  } else if (auto* packet = std::get_if<ForeignPacket>(&message)) {
    endpoint_->inject(packet->bytes, packet->from);
  }
}

void Reactor::post(std::uint32_t to, ReactorMessage&& message) {
  ReactorLane& lane = lane_to(to);
  lane.push(std::move(message));
  if (lane.outbox_size() > kCongestedAt || lane.bytes_on_the_way() > lane_bytes_)
    congested_ = lane_full_ = true;
}

// A network may lose packets, and we may when their reactor does not keep up.
void Reactor::post_foreign(std::uint32_t owner, Bytes packet, const io::Address& from) {
  ForeignPacket foreign{{packet.begin(), packet.end()}, from};
  if (!lane_to(owner).try_push(std::move(foreign))) metrics_.udp_foreign_dropped.add();
}

bool Reactor::all_posted() const {
  if (!held_outcomes_.empty()) return false;
  for (std::uint32_t to = 0; to < count_; ++to)
    if (lane_to(to).outbox_size() > 0) return false;
  return true;
}

bool Reactor::all_taken() const {
  return std::ranges::all_of(lanes_, [](const auto& lane) { return lane->empty(); });
}

bool Reactor::flush_outboxes() {
  bool left = false;
  bool relieved = true;
  for (std::uint32_t to = 0; to < count_; ++to) {
    ReactorLane& lane = lane_to(to);
    lane.flush();
    left |= lane.outbox_size() > 0;
    relieved &= lane.outbox_size() <= kCongestedAt / 2 && lane.bytes_on_the_way() <= lane_bytes_ / 2;
  }
  update_congestion(relieved);
  return left || lane_full_;
}

void Reactor::note_withheld(std::ptrdiff_t bytes) {
  withheld_bytes_ += static_cast<std::size_t>(bytes);
  over_publish_budget_ = over_publish_budget_ || withheld_bytes_ > options_.reactor_publish_bytes / 4 * 3;
  congested_ = congested_ || withheld_bytes_ > options_.reactor_publish_bytes;
}

void Reactor::update_congestion(bool relieved) {
  if (lane_full_ && relieved) {
    lane_full_ = false;
    while (!held_outcomes_.empty() && !lane_full_) {
      OutcomeMessage held = held_outcomes_.pop_front();
      deliver_outcome(held.origin, std::move(held.outcome));
    }
  }
  const bool was_congested = congested_;
  const bool was_over_budget = over_publish_budget_;
  const bool much_withheld = withheld_bytes_ > options_.reactor_publish_bytes / 2;
  congested_ = congested_ && (!relieved || lane_full_ || much_withheld);
  over_publish_budget_ = over_publish_budget_ && much_withheld;
  if (was_congested == congested_ && was_over_budget == over_publish_budget_) return;
  for (auto& [id, session] : sessions_) session->resume();
}

void Reactor::keep_fanout_bounds() {
  std::vector<EventChannel*> all;  // what is let go below may bring new readers
  const auto collect = [&] {
    for (const auto& [shard, readers] : readers_) all.insert(all.end(), readers.begin(), readers.end());
  };
  const FanoutPressure pressure = fanout_.look(now(), [&](std::size_t free_bytes) {
    collect();
    return std::count_if(all.begin(), all.end(), [free_bytes](const EventChannel* events) {
      return events->held_bytes() > free_bytes;
    });
  });
  if (!pressure.any() && !fanout_pressed_) return;
  if (all.empty()) collect();
  fanout_pressed_ = pressure.any();
  for (EventChannel* events : all) {
    if (events->bound(pressure, now())) mark_dirty(*events);
  }
}

void Reactor::pump_events() {
  IntrusiveList<EventChannel, &EventChannel::dirty_hook_> later;
  MonoTime next = kNever;
  while (EventChannel* events = dirty_events_.pop_front()) {
    // The delay runs from the first event that waits, so a steady trickle cannot push it out.
    const MonoTime due = events->due(options_.event_delay);
    if (due <= now()) {
      try {
        events->pump(now());
      } catch (const std::exception& failure) {
        note_failure("events", failure.what());
        events->abandon();
      }
    } else {
      later.push_back(*events);
      next = std::min(next, due);
    }
  }
  while (EventChannel* events = later.pop_front()) dirty_events_.push_back(*events);
  timed_runs_.clear();
  if (next != kNever) event_timer_->arm(next);
}

// --- streams and caches, here or at their home
// ---------------------------------------------------------------

std::uint32_t Reactor::home_of(ShardId shard) const {
  return static_cast<std::uint32_t>((shard.incarnation + shard.shard) % count_);
}

std::uint32_t Reactor::home_of_cache(std::uint64_t incarnation) const {
  return static_cast<std::uint32_t>(incarnation % count_);
}

std::optional<Result<Outcome>> Reactor::submit(PublishCommand&& command) {
  const std::uint32_t home = home_of(command.shard);
  if (home == index_) return run_publish(command);
  post(home, std::move(command));
  return std::nullopt;
}

std::optional<Result<Outcome>> Reactor::submit(JoinCommand&& command) {
  const std::uint32_t home = home_of(command.shard);
  if (home == index_) return run_join(command);
  post(home, std::move(command));
  return std::nullopt;
}

std::optional<Result<Outcome>> Reactor::submit(CacheCommand&& command) {
  const std::uint32_t home = home_of_cache(command.cache);
  if (home == index_) return run_cache(command);
  post(home, std::move(command));
  return std::nullopt;
}

std::optional<Result<Outcome>> Reactor::run_publish(const PublishCommand& command) {
  metrics_.publish_bytes.add(command.records.payload_bytes());
  metrics_.published_records.add(command.records.count());
  const auto outcome = homes_.publish(command, now(), microseconds_of(clock().wall_now()));
  if (!outcome) return std::nullopt;
  return Result<Outcome>(Outcome(*outcome));
}

Result<Outcome> Reactor::run_join(const JoinCommand& command) {
  auto joined = homes_.join(command.shard, command.start, command.origin.reactor);
  if (!joined) return Outcome(joined.error());
  return Outcome(std::move(*joined));
}

Result<Outcome> Reactor::run_cache(const CacheCommand& command) {
  FELIX_TRY(CacheOutcome outcome, homes_.operate(command, now()));
  return Outcome(std::move(outcome));
}

void Reactor::leave(ShardId shard) {
  const std::uint32_t home = home_of(shard);
  if (home == index_) {
    homes_.leave(shard, index_);
  } else {
    post(home, LeaveCommand{index_, shard});
  }
}

void Reactor::set_blocked(ShardId shard, bool blocked) {
  const std::uint32_t home = home_of(shard);
  if (home == index_) {
    homes_.set_blocked(shard, blocked);
  } else {
    post(home, BlockCommand{shard, blocked});
  }
}

bool Reactor::request_creation(CreateRequest&& request) {
  request.reactor = index_;
  return common_.request_creation(index_, std::move(request));
}

void Reactor::deliver_outcome(const Origin& origin, Result<Outcome> outcome) {
  if (origin.reactor != index_) {
    post(origin.reactor, OutcomeMessage{origin, std::move(outcome)});
    return;
  }
  const auto session = sessions_.find(origin.session);
  ChannelSession* channel =
      session == sessions_.end() ? nullptr : session->second->find_channel(origin.channel);
  if (channel != nullptr) {
    channel->on_outcome(origin.slot, std::move(outcome));
  } else if (outcome) {
    // The reader went away while its home let it in.
    if (const auto* joined = std::get_if<JoinOutcome>(&*outcome)) leave(joined->shard);
  }
}

void Reactor::deliver_locally(ShardId shard, const streams::Delivery& delivery) {
  const auto readers = readers_.find(shard);
  if (readers == readers_.end()) return;
  for (EventChannel* events : readers->second) {
    events->offer(delivery);
    mark_dirty(*events);
  }
}

void Reactor::add_reader(EventChannel& events) {
  readers_[events.shard()].push_back(&events);
  mark_dirty(events);
}

void Reactor::remove_reader(EventChannel& events) {
  const auto readers = readers_.find(events.shard());
  if (readers == readers_.end()) return;
  std::erase(readers->second, &events);
  if (readers->second.empty()) readers_.erase(readers);
}

void Reactor::mark_dirty(EventChannel& events) {
  events.note_waiting(now());
  if (!events.dirty_hook_.linked()) dirty_events_.push_back(events);
}

}  // namespace felix::broker
