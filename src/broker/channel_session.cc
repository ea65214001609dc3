#include "broker/channel_session.h"

#include <algorithm>
#include <utility>

#include "broker/reactor.h"
#include "broker/session.h"
#include "telemetry/log.h"
#include "wire/features.h"
#include "wire/json_codec.h"

namespace felix::broker {
namespace {

telemetry::Logger logger("broker");
constinit telemetry::LogLimiter defect_limiter;

// Answers of one turn are written together, but not more of them than this.
constexpr std::size_t kWriteBytes = 64 * 1024;

}  // namespace

ChannelSession::ChannelSession(Session& session, transport::Channel& channel)
    : session_(session),
      reactor_(session.reactor()),
      channel_(channel),
      reader_(session.reactor().options().preauth_max_frame_bytes),
      uni_(!channel.is_bidirectional()) {}

ChannelSession::~ChannelSession() { forget_replies(); }

void ChannelSession::forget_replies() {
  reactor_.counters().inflight_requests.add(-static_cast<std::int64_t>(replies_.unanswered_count()));
  note_withheld(-static_cast<std::ptrdiff_t>(publish_bytes_pending_));
}

void ChannelSession::note_withheld(std::ptrdiff_t bytes) {
  publish_bytes_pending_ += static_cast<std::size_t>(bytes);
  reactor_.note_withheld(bytes);
}

// --- reading
// -------------------------------------------------------------------------------------------------

void ChannelSession::break_off(std::string_view why) {
  failed_ = ended_ = finished_ = true;
  waiting_ = paused_ = false;
  forget_replies();
  replies_ = ReplyQueue();
  parked_.reset();
  reader_.abandon();
  channel_.stop_reading();
  if (!uni_) channel_.reset(kResetInternal);
  reactor_.note_failure("stream", why);
}

void ChannelSession::on_bytes(Bytes bytes) {
  unconsumed_bytes_ += bytes.size();
  guarded([&] {
    if (!ended_) reader_.push(bytes);
  });
}

void ChannelSession::on_readable() {
  guarded([this] { process(); });
}

void ChannelSession::on_writable() {
  guarded([this] {
    if (channel_.peer_stopped()) {
      ended_ = true;  // nobody reads our answers
      channel_.stop_reading();
    }
    process();
  });
}

void ChannelSession::process() {
  if (!let_in_) {
    let_in_ = session_.try_let_in();
    if (!let_in_) return;  // unread until a place is free
  }
  while (!ended_ && !waiting_) {
    paused_ = must_pause();
    if (paused_) break;
    wire::IncomingFrame frame;
    if (parked_) {
      frame = *std::exchange(parked_, std::nullopt);
      retrying_ = true;
    } else {
      const Result<bool> next = reader_.next(frame);
      if (!next) {
        reactor_.counters().frames_refused.add();
        FELIX_LOG_LIMITED(logger, defect_limiter, warn, "stream broke the protocol",
                          {"peer", session_.connection().remote().to_string()},
                          {"why", next.error().context});
        end_after_answers();
        break;
      }
      if (!*next) break;
    }
    handle(frame);
    if (replies_.held_bytes() > kWriteBytes) send_answers();
    if (waiting_) parked_ = std::move(frame);
    retrying_ = false;
    creation_error_.reset();
  }
  if (!paused_ && !waiting_) give_back();
  if (!paused_ && !waiting_ && !ended_ && (channel_.peer_finished() || channel_.peer_reset()))
    end_after_answers();
  send_answers();
  finish_if_ended();
}

// A frame's bytes go back to the peer's window when it was handled, not when they came: so what is kept of
// frames in progress is what the windows grant.
void ChannelSession::give_back() {
  const std::size_t partial = ended_ ? 0 : reader_.partial_bytes();
  channel_.consume(unconsumed_bytes_ - std::min(unconsumed_bytes_, partial));
  unconsumed_bytes_ = std::min(unconsumed_bytes_, partial);
  starved_ = !ended_ && reader_.missing_bytes() > 0 && !channel_.make_room(reader_.missing_bytes());
}

void ChannelSession::send_answers() {
  const std::size_t queued = channel_.queued_bytes();
  const std::size_t limit = reactor_.options().answer_bytes;
  replies_.advance(limit > queued ? limit - queued : 0,
                   [this](PendingReply& reply, Result<Outcome>& outcome, AnswerBuffer& out) {
                     if (const auto* publish_reply = std::get_if<PublishReply>(&reply)) {
                       answer_publish(*publish_reply, outcome, out.bytes());
                     } else if (auto* cache_reply = std::get_if<CacheReply>(&reply)) {
                       answer_cache(*cache_reply, outcome, out);
                     } else if (const auto* subscribe_reply = std::get_if<SubscribeReply>(&reply)) {
                       answer_subscribed(*subscribe_reply, out.bytes());
                     }
                   });
  replies_.flush(channel_);
}

bool ChannelSession::must_pause() const {
  const ReactorOptions& options = reactor_.options();
  // Resumes at half, so that a full queue does not flap.
  const std::size_t scale = paused_ ? 2 : 1;
  const bool over_budget = !options.shed_publishes && over_publish_budget();
  const bool pause = over_budget || replies_.count(Asked::publish) >= publish_window_ ||
                     (channel_.queued_bytes() + replies_.held_bytes()) * scale > options.answer_bytes ||
                     replies_.owed_count() * scale > options.answer_items || reactor_.congested() ||
                     (authenticated() && reactor_.reading_over());
  if (pause && !paused_) {
    reactor_.counters().backpressure_pauses.add();
    if (over_budget) reactor_.counters().ingress_waited.add();
  }
  return pause;
}

// Of publishes whose outcome is withheld, or that are on their way to another reactor. When the reactor's
// budget is used up, those who used it wait: who publishes elsewhere goes on.
bool ChannelSession::over_publish_budget() const {
  const ReactorOptions& options = reactor_.options();
  const std::size_t scale = paused_ ? 2 : 1;
  return publish_bytes_pending_ * scale > options.channel_publish_bytes ||
         replies_.count(Asked::nobody) * scale > options.answer_items ||
         (reactor_.over_publish_budget() && publish_bytes_pending_ > 0);
}

void ChannelSession::handle(const wire::IncomingFrame& frame) {
  if (!authenticated()) return handle_auth(frame);
  if (const auto why = objection()) return send_away(*why);
  const bool binary_cache = (agreed_features_hi_ & wire::kFeatureHiBinaryCache) != 0;
  const auto kind =
      wire::check_flags(frame.flags, wire::kServedFlags | (binary_cache ? wire::kBinaryCache : 0));
  if (kind && *kind == wire::FrameKind::json) return handle_json(frame);
  if (kind && *kind == wire::FrameKind::publish_batch) return handle_binary_publish(frame);
  if (kind && *kind == wire::FrameKind::cache) return handle_binary_cache(frame);
  reactor_.counters().frames_refused.add();
  refuse(Errc::unsupported, "unsupported frame flags", Fate::goes_on);
}

void ChannelSession::handle_json(const wire::IncomingFrame& frame) {
  auto message = wire::parse_client_message(frame.payload.bytes(), reactor_.json_reader());
  if (!message) {
    reactor_.counters().frames_refused.add();
    FELIX_LOG_LIMITED(logger, defect_limiter, warn, "undecodable message",
                      {"peer", session_.connection().remote().to_string()}, {"why", message.error().context});
    return end_after_answers();
  }
  if (auto* publish_message = std::get_if<wire::Publish>(&*message)) return handle_publish(*publish_message);
  if (uni_) return end_after_answers();
  if (auto* subscribe = std::get_if<wire::Subscribe>(&*message)) return handle_subscribe(*subscribe);
  if (const auto* get = std::get_if<wire::CacheGet>(&*message)) return handle_cache(*get);
  if (auto* put = std::get_if<wire::CachePut>(&*message)) return handle_cache(*put);
  if (const auto* erase = std::get_if<wire::CacheDelete>(&*message)) return handle_cache(*erase);
  if (std::holds_alternative<wire::Auth>(*message))
    return refuse(Errc::invalid_request, "auth already established", Fate::ends);

  const auto& unknown = std::get<wire::UnknownMessage>(*message);
  if ((peer_features_ & wire::kFeatureUnsupported) == 0) return end_after_answers();
  replies_.answer([&](std::vector<std::byte>& out) {
    wire::append_frame(out, wire::Unsupported{unknown.type, unknown.extension, unknown.request_id});
  });
}

// --- answering
// -----------------------------------------------------------------------------------------------

std::optional<wire::ErrorInfo> ChannelSession::info_for(Errc code) const {
  if ((peer_features_ & wire::kFeatureErrorCodes) == 0) return std::nullopt;
  return wire::error_info(code);
}

void ChannelSession::append_error(std::vector<std::byte>& out, Errc code, std::string_view text) const {
  wire::append_frame(out, wire::ErrorMessage{std::string(text), info_for(code)});
}

void ChannelSession::refuse(Errc code, std::string_view text, Fate fate) {
  if (uni_) return end_after_answers();
  replies_.answer([&](std::vector<std::byte>& out) { append_error(out, code, text); });
  if (fate == Fate::ends) end_after_answers();
}

void ChannelSession::on_outcome(std::uint64_t slot, Result<Outcome> outcome) {
  if (failed_ && outcome) {
    if (const auto* joined = std::get_if<JoinOutcome>(&*outcome)) reactor_.leave(joined->shard);
  }
  guarded([&] { settle_outcome(slot, std::move(outcome)); });
}

void ChannelSession::settle_outcome(std::uint64_t slot, Result<Outcome> outcome) {
  PendingReply& pending = replies_.pending(slot);
  if (std::holds_alternative<SubscribeReply>(pending)) {
    answer_subscribe(slot, std::move(outcome));
  } else {
    if (const auto* publish_reply = std::get_if<PublishReply>(&pending)) {
      note_withheld(-static_cast<std::ptrdiff_t>(publish_reply->bytes));
    } else if (const auto* cache_reply = std::get_if<CacheReply>(&pending)) {
      note_withheld(-static_cast<std::ptrdiff_t>(cache_reply->bytes));
    }
    replies_.settle(slot, std::move(outcome));
    reactor_.counters().inflight_requests.add(-1);
  }
  process();
}

Origin ChannelSession::origin(std::uint64_t slot) const {
  return Origin{reactor_.index(), session_.id(), channel_.id(), slot};
}

// --- ending
// --------------------------------------------------------------------------------------------------

void ChannelSession::end_after_answers() {
  if (ended_) return;
  ended_ = true;
  unconsumed_bytes_ = 0;
  reader_.abandon();
  if (!channel_.peer_finished()) channel_.stop_reading();
}

void ChannelSession::finish_if_ended() {
  if (!ended_ || finished_ || !replies_.drained()) return;
  finished_ = true;
  if (!uni_) channel_.finish();
}

std::optional<Objection> ChannelSession::objection() {
  return identity_.objection(reactor_.authenticator().policy(), reactor_.wall());
}

void ChannelSession::send_away(Objection why) {
  session_.note_sent_away(identity_, why);
  refuse(Errc::unauthenticated, to_string(why), Fate::ends);
}

void ChannelSession::look_after(MonoTime now) {
  guarded([&] { keep_to_the_rules(now); });
}

void ChannelSession::keep_to_the_rules(MonoTime now) {
  if (authenticated() && !ended_) {
    if (const auto why = objection()) {
      send_away(*why);
      process();
    }
  }
  if (starved_ && !paused_ && !waiting_) give_back();
  look_after_frame(now);
  const bool waits_for_peer = (paused_ || ended_) && channel_.queued_bytes() > 0;
  if (!waits_for_peer || channel_.queued_bytes() < stalled_bytes_) {
    stalled_since_ = kNever;
    stalled_bytes_ = channel_.queued_bytes();
    return;
  }
  if (stalled_since_ == kNever) {
    stalled_since_ = now;
    stalled_bytes_ = channel_.queued_bytes();
    return;
  }
  if (now - stalled_since_ < reactor_.options().answer_stall_timeout) return;
  FELIX_LOG_LIMITED(logger, defect_limiter, warn, "answers are not read, stream ended",
                    {"peer", session_.connection().remote().to_string()});
  ended_ = finished_ = true;
  channel_.stop_reading();
  channel_.reset(0);
}

void ChannelSession::look_after_frame(MonoTime now) {
  const std::size_t partial = ended_ ? 0 : reader_.partial_bytes();
  const bool our_turn = partial == 0 || paused_ || waiting_ || starved_;
  if (our_turn || partial != partial_bytes_) {
    partial_bytes_ = partial;
    partial_since_ = now;
    return;
  }
  if (now - partial_since_ < reactor_.options().frame_timeout) return;
  reactor_.counters().frames_refused.add();
  FELIX_LOG_LIMITED(logger, defect_limiter, warn, "the rest of a frame did not come, stream ended",
                    {"peer", session_.connection().remote().to_string()}, {"bytes", partial});
  refuse(Errc::timed_out, "the rest of a frame did not come in time", Fate::ends);
  process();
}

// --- names
// ---------------------------------------------------------------------------------------------------

const metadata::StreamRoute* ChannelSession::find_stream(std::string_view tenant, std::string_view ns,
                                                         std::string_view name) {
  const metadata::StreamRoute* route = reactor_.routes().find_stream(tenant, ns, name);
  if (route == nullptr) waiting_ = request_creation(false, tenant, ns, name);
  return route;
}

const metadata::CacheRoute* ChannelSession::find_cache(std::string_view tenant, std::string_view ns,
                                                       std::string_view name) {
  const metadata::CacheRoute* route = reactor_.routes().find_cache(tenant, ns, name);
  if (route == nullptr) waiting_ = request_creation(true, tenant, ns, name);
  return route;
}

bool ChannelSession::request_creation(bool cache, std::string_view tenant, std::string_view ns,
                                      std::string_view name) {
  if (!reactor_.options().create_on_use || retrying_) return false;
  const bool asked = reactor_.request_creation(CreateRequest{
      0, session_.id(), channel_.id(), cache, std::string(tenant), std::string(ns), std::string(name)});
  if (!asked) creation_error_ = Error{Errc::overloaded, "too many streams and caches are being created"};
  return asked;
}

void ChannelSession::authenticate_again() {
  waiting_ = false;
  guarded([this] { process(); });
}

void ChannelSession::on_created(Status created) {
  waiting_ = false;
  if (!created) creation_error_ = std::move(created).error();
  guarded([this] { process(); });
}

}  // namespace felix::broker
