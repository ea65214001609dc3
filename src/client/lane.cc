#include "client/lane.h"

#include <utility>

#include "client/message.h"
#include "wire/json_codec.h"

namespace felix::client {

Lane::Lane(Kind kind, std::uint32_t max_payload_bytes, LaneEvents events, std::uint16_t more_flags)
    : kind_(kind), more_flags_(more_flags), events_(std::move(events)), reader_(max_payload_bytes) {}

void Lane::write(const flow::InlineBytes& prefix, flow::Slice bytes) {
  written_bytes_ += prefix.size() + bytes.size();
  port_->write(prefix, std::move(bytes));
}

void Lane::send(const flow::InlineBytes& prefix, flow::Slice body) {
  if (open() && port_ != nullptr) write(prefix, std::move(body));
}

void Lane::finish() {
  if (port_ != nullptr) port_->finish();
}

void Lane::abandon() {
  abandoned_ = true;
  end(Error{Errc::interrupted, "given up"});
}

void Lane::attach(flow::Port& port, const Credentials& credentials, const Agreement& assumed) {
  if (state_ != State::pending) return;
  port_ = &port;
  offered_flags_ = credentials.client_flags;
  if (offered_flags_) *offered_flags_ |= more_flags_;
  wire::Auth auth{.tenant_id = credentials.tenant,
                  .token = credentials.token,
                  .client_flags = offered_flags_,
                  .client_features = credentials.client_features,
                  .client_features_hi = std::nullopt};
  if (auth.client_features && credentials.client_features_hi != 0) {
    *auth.client_features |= wire::kFeatureExtended;
    auth.client_features_hi = offered_features_hi_ = credentials.client_features_hi;
  }
  write({}, wire::encode_frame(auth));
  if (kind_ == Kind::two_way) {
    state_ = State::authenticating;
    return;
  }
  agreement_ = assumed;
  state_ = State::open;
  if (events_.on_open) events_.on_open();
}

void Lane::on_bytes(Bytes bytes) {
  received_bytes_ += bytes.size();
  if (state_ != State::ended) reader_.push(bytes);
}

void Lane::on_readable(bool peer_finished, bool peer_reset) {
  const auto alive = shared_from_this();
  drain_reader();
  if (port_ != nullptr && received_bytes_ > 0) port_->consume(std::exchange(received_bytes_, 0));
  if (state_ == State::ended) return;
  if (peer_reset) return end(Error{Errc::unavailable, "the broker abandoned the channel"});
  if (!peer_finished) return;
  if (reader_.end_state() == wire::StreamEnd::in_payload)
    return end(Error{Errc::malformed, "the broker ended the channel inside a frame"});
  end(Error{Errc::unavailable, "the broker ended the channel"});
}

void Lane::on_writable(bool peer_stopped) {
  const auto alive = shared_from_this();
  if (state_ == State::open && events_.on_room) events_.on_room();
  // A two-way channel is ended by what the broker says on its own direction.
  if (peer_stopped && kind_ == Kind::one_way)
    end(Error{Errc::unavailable, "the broker stopped reading the channel; is publishing permitted?"});
}

void Lane::on_lost(const Error& error) {
  const auto alive = shared_from_this();
  port_ = nullptr;
  end(error);
}

void Lane::drain_reader() {
  wire::IncomingFrame frame;
  while (state_ != State::ended) {
    const Result<bool> more = reader_.next(frame);
    if (!more) return end(more.error());
    if (!*more) return;
    if (const Status status = take(frame); !status) return end(status.error());
  }
}

Status Lane::take(const wire::IncomingFrame& frame) {
  if (state_ == State::authenticating) return take_auth_answer(frame);
  return events_.on_frame ? events_.on_frame(frame) : Status{};
}

Status Lane::take_auth_answer(const wire::IncomingFrame& frame) {
  if (frame.flags != 0) return fail(Errc::malformed, "the broker answered auth with a binary frame");
  FELIX_TRY(const wire::ServerMessage message, parse_message(frame));
  if (const auto* error = std::get_if<wire::ErrorMessage>(&message)) {
    Error refused = refusal(error->message, error->info);
    // Whatever word was used: it is we who were refused.
    if (refused.code == Errc::invalid_request) refused.code = Errc::unauthenticated;
    return std::unexpected(std::move(refused));
  }
  if (const auto* ok = std::get_if<wire::AuthOk>(&message)) {
    agreement_.flags = ok->server_flags & wire::offered_flags(offered_flags_);
    agreement_.features = ok->server_features.value_or(0);
    agreement_.features_hi =
        wire::offered_features_hi(ok->server_features, ok->server_features_hi) & offered_features_hi_;
    agreement_.publish_window = ok->publish_window;
  } else if (!std::holds_alternative<wire::Ok>(message)) {
    return fail(Errc::malformed, "the broker answered auth with another message");
  }
  state_ = State::open;
  if (events_.on_open) events_.on_open();
  return {};
}

void Lane::end(Error error) {
  if (state_ == State::ended) return;
  state_ = State::ended;
  if (port_ != nullptr) {
    port_->finish();
    port_->stop_reading();
  }
  if (!abandoned_ && events_.on_ended) events_.on_ended(error);
}

}  // namespace felix::client
