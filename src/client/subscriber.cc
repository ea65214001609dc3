#include "client/subscriber.h"

#include <utility>

#include "base/ring.h"
#include "client/event_channel.h"
#include "client/event_router.h"
#include "client/message.h"
#include "client/subscription_place.h"
#include "io/loop.h"
#include "wire/json_codec.h"

namespace felix::client {

class Subscriber::Impl {
 public:
  Impl(Session& session, SubscribeOptions options)
      : session_(session),
        options_(std::move(options)),
        place_(options_.start, options_.restart),
        settle_timer_(session.loop(), [this] {
          resume_after_lag();
          if (on_event_) on_event_();
        }) {
    member_.on_connected = [this] { request(); };
    member_.on_disconnected = [this](const Error& error, bool final) { on_disconnected(error, final); };
    session_.join(member_);
    if (session_.state() == Session::State::closed)
      finish(End::connection_lost,
             session_.last_error().value_or(Error{Errc::connection_lost, "the session is closed"}));
    else if (session_.connected())
      request();
  }
  ~Impl() { withdraw(); }

  void request();
  void send_subscribe();
  Status on_answer(const wire::IncomingFrame& frame);
  void on_subscribed(const wire::Subscribed& answer);
  void on_cursor_error(const wire::SubscribeCursorError& error);
  void on_request_ended(const Error& error);
  void on_channel(std::shared_ptr<EventChannel> channel);
  void on_batch(ReceivedBatch received);
  void on_lagged(Offset resume_from);
  void resume_after_lag();
  void on_channel_ended(const std::optional<Error>& error);
  void on_disconnected(const Error& error, bool final);
  std::optional<EventBatch> try_next();

  // Lets go of everything on the present connection.
  void withdraw();
  void answered();
  void finish(End end, std::optional<Error> error);
  void tell() { settle_timer_.arm(session_.now()); }

  struct Queued {
    EventBatch batch;
    std::size_t frame_bytes = 0;
    std::weak_ptr<EventChannel> source;
  };

  Session& session_;
  const SubscribeOptions options_;
  SubscriptionPlace place_;
  State state_ = State::waiting;
  End end_ = End::none;
  std::optional<Error> error_;
  std::optional<wire::SubscribeCursorError> cursor_error_;
  std::optional<wire::Subscribed> subscribed_;
  std::uint64_t resumptions_ = 0;
  std::uint64_t lags_ = 0;
  bool lagged_ = false;  // and not asked again yet
  bool asking_ = false;  // the broker owes an answer
  std::shared_ptr<Lane> lane_;
  std::shared_ptr<EventChannel> channel_;
  Ring<Queued> queue_;
  std::function<void()> on_event_;
  SessionMember member_;
  io::Timer settle_timer_;
};

void Subscriber::Impl::request() {
  if (state_ == State::ended) return;
  LaneEvents events;
  events.on_open = [this] { send_subscribe(); };
  events.on_frame = [this](const wire::IncomingFrame& frame) { return on_answer(frame); };
  events.on_ended = [this](const Error& error) { on_request_ended(error); };
  std::uint16_t more_flags = 0;
  if (options_.with_publisher) more_flags |= wire::kEventBatchPublisher;
  if (options_.with_timestamps) more_flags |= wire::kEventBatchTimestamps;
  lane_ = session_.open_lane(Lane::Kind::two_way, std::move(events), more_flags);
}

void Subscriber::Impl::send_subscribe() {
  wire::Subscribe subscribe;
  subscribe.tenant_id = session_.options().tenant;
  subscribe.namespace_id =
      options_.namespace_id.empty() ? session_.options().namespace_id : options_.namespace_id;
  subscribe.stream = options_.stream;
  // The default is left unsaid: brokers from before cursors know no `start`.
  if (place_.start() != Start::latest()) subscribe.start = place_.start();
  subscribe.shard = options_.shard;
  if (lane_->agreement().has_feature(wire::kFeatureSubscribeQueue))
    subscribe.queue_capacity = options_.queue_capacity;
  asking_ = true;
  session_.events().begin_request();
  lane_->send(wire::encode_frame(subscribe));
  lane_->finish();
}

void Subscriber::Impl::answered() {
  if (std::exchange(asking_, false)) session_.events().end_request();
}

Status Subscriber::Impl::on_answer(const wire::IncomingFrame& frame) {
  if (!asking_) return {};
  if (frame.flags != 0) return fail(Errc::malformed, "the broker answered subscribe with a binary frame");
  FELIX_TRY(const wire::ServerMessage message, parse_message(frame));
  if (const auto* answer = std::get_if<wire::Subscribed>(&message))
    on_subscribed(*answer);
  else if (const auto* cursor = std::get_if<wire::SubscribeCursorError>(&message))
    on_cursor_error(*cursor);
  else if (const auto* error = std::get_if<wire::ErrorMessage>(&message))
    finish(End::refused, refusal(error->message, error->info));
  else if (const auto* other = std::get_if<wire::UnknownMessage>(&message))
    finish(End::refused, Error{other->type == "not_leader" ? Errc::not_leader : Errc::unsupported,
                               "the broker answered subscribe with \"" + other->type + "\""});
  else
    return fail(Errc::malformed, "the broker answered subscribe with another message");
  return {};
}

void Subscriber::Impl::on_subscribed(const wire::Subscribed& answer) {
  if (subscribed_) ++resumptions_;
  subscribed_ = answer;
  place_.on_subscribed(answer);
  state_ = State::live;
  session_.events().expect(answer.subscription_id, [this](auto channel) { on_channel(std::move(channel)); });
  answered();
  tell();
}

void Subscriber::Impl::on_cursor_error(const wire::SubscribeCursorError& error) {
  if (place_.on_cursor_error(error)) {
    answered();
    lane_->abandon();
    return request();
  }
  cursor_error_ = error;
  const bool too_old = error.reason == wire::SubscribeCursorError::Reason::too_old;
  finish(End::cursor,
         Error{too_old ? Errc::too_old : Errc::in_future,
               "offset " + std::to_string(error.requested) + " of " + options_.stream +
                   (too_old ? " is no longer kept; the oldest is " : " does not exist yet; the next is ") +
                   std::to_string(error.available)});
}

void Subscriber::Impl::on_request_ended(const Error& error) {
  lane_.reset();
  const bool owed = asking_ || state_ == State::waiting;
  answered();
  if (!owed || !session_.connected()) return;  // done, or told by on_disconnected
  finish(End::refused, error);
}

void Subscriber::Impl::on_channel(std::shared_ptr<EventChannel> channel) {
  channel_ = std::move(channel);
  EventChannelEvents events;
  events.on_batch = [this](ReceivedBatch received) { on_batch(std::move(received)); };
  events.on_lagged = [this](Offset resume_from) { on_lagged(resume_from); };
  events.on_ended = [this](const std::optional<Error>& error) { on_channel_ended(error); };
  channel_->adopt(std::move(events));
}

void Subscriber::Impl::on_batch(ReceivedBatch received) {
  Queued queued;
  queued.batch.base_offset = received.base_offset;
  queued.batch.publisher = std::move(received.publisher);
  queued.batch.timestamps_us = std::move(received.timestamps_us);
  queued.batch.records = std::move(received.records);
  queued.frame_bytes = received.frame_bytes;
  queued.source = channel_;
  if (const Status status = place_.on_batch(queued.batch, received.skipped_before); !status)
    return finish(End::protocol, status.error());
  queue_.push_back(std::move(queued));
  tell();
}

void Subscriber::Impl::on_lagged(Offset resume_from) {
  ++lags_;
  lagged_ = true;
  place_.on_lagged(resume_from);
}

// Only when the consumer has taken everything: the next window would be filled beside the last one otherwise.
void Subscriber::Impl::resume_after_lag() {
  if (!lagged_ || !queue_.empty() || channel_ != nullptr || state_ != State::live) return;
  lagged_ = false;
  request();
}

void Subscriber::Impl::on_channel_ended(const std::optional<Error>& error) {
  if (!session_.connected()) return;
  if (lagged_) {
    channel_.reset();
    return settle_timer_.arm(session_.now());
  }
  if (!error || error->code == Errc::unavailable)
    return finish(End::ended_by_broker,
                  error.value_or(Error{Errc::unavailable, "the broker ended the subscription"}));
  finish(error->code == Errc::unauthenticated ? End::refused : End::protocol, error);
}

void Subscriber::Impl::on_disconnected(const Error& error, bool final) {
  if (state_ == State::ended) return;
  withdraw();
  lagged_ = false;
  if (final || !place_.on_lost()) return finish(End::connection_lost, error);
  state_ = State::waiting;
  tell();
}

void Subscriber::Impl::withdraw() {
  answered();
  if (auto lane = std::exchange(lane_, nullptr)) lane->abandon();
  if (auto channel = std::exchange(channel_, nullptr))
    channel->stop();
  else if (subscribed_)
    session_.events().forget(subscribed_->subscription_id);
}

void Subscriber::Impl::finish(End end, std::optional<Error> error) {
  if (state_ == State::ended) return;
  state_ = State::ended;
  end_ = end;
  error_ = std::move(error);
  withdraw();
  tell();
}

std::optional<EventBatch> Subscriber::Impl::try_next() {
  if (queue_.empty()) return std::nullopt;
  Queued queued = queue_.pop_front();
  if (const auto source = queued.source.lock()) source->give_back(queued.frame_bytes);
  if (lagged_ && queue_.empty()) tell();
  return std::move(queued.batch);
}

Subscriber::Subscriber(Session& session, SubscribeOptions options)
    : impl_(std::make_unique<Impl>(session, std::move(options))) {}
Subscriber::~Subscriber() = default;

Status Subscriber::wait_live(MonoTime deadline) {
  const Status waited = impl_->session_.wait_for([this] { return state() != State::waiting; }, deadline);
  if (state() == State::live) return {};
  if (state() == State::ended && error()) return std::unexpected(*error());
  return waited;
}

std::optional<EventBatch> Subscriber::try_next() { return impl_->try_next(); }

Result<EventBatch> Subscriber::next(MonoTime deadline) {
  const Status waited =
      impl_->session_.wait_for([this] { return has_batch() || state() == State::ended; }, deadline);
  if (auto batch = try_next()) return std::move(*batch);
  if (state() == State::ended)
    return std::unexpected(error().value_or(Error{Errc::interrupted, "unsubscribed"}));
  return std::unexpected(waited.error());
}

bool Subscriber::has_batch() const { return !impl_->queue_.empty(); }
void Subscriber::set_on_event(std::function<void()> on_event) { impl_->on_event_ = std::move(on_event); }

void Subscriber::unsubscribe() {
  impl_->finish(End::unsubscribed, std::nullopt);
  impl_->queue_.clear();
}

Subscriber::State Subscriber::state() const { return impl_->state_; }
Subscriber::End Subscriber::end() const { return impl_->end_; }
const std::optional<Error>& Subscriber::error() const { return impl_->error_; }
const std::optional<wire::SubscribeCursorError>& Subscriber::cursor_error() const {
  return impl_->cursor_error_;
}
const std::optional<wire::Subscribed>& Subscriber::subscribed() const { return impl_->subscribed_; }
std::optional<Offset> Subscriber::next_offset() const { return impl_->place_.next_offset(); }
std::uint64_t Subscriber::lags() const { return impl_->lags_; }
std::uint64_t Subscriber::resumptions() const { return impl_->resumptions_; }

}  // namespace felix::client
