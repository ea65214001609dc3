#include "conformance/live_raw.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "client/close_error.h"
#include "client/token_source.h"

namespace felix::conformance {

RawChannel::RawChannel(Context& context, transport::Channel& channel)
    : context_(context), channel_(&channel), reader_(context.connect().max_payload_bytes) {
  transport::ChannelEvents events;
  events.on_bytes = [this](Bytes bytes) {
    received_bytes_ += bytes.size();
    reader_.push(bytes);
  };
  events.on_readable = [this] {
    if (consuming_) channel_->consume(std::exchange(received_bytes_, 0));
    ended_ = ended_ || channel_->peer_finished() || channel_->peer_reset();
  };
  events.on_closed = [this] {
    ended_ = true;
    lost_ = channel_->connection().closing();
    channel_ = nullptr;
  };
  channel.set_events(std::move(events));
}

void RawChannel::send(Bytes bytes) {
  if (channel_ != nullptr) channel_->write({}, flow::Slice::copy_of(bytes));
}

Status RawChannel::flush() {
  return context_.wait([this] { return channel_ == nullptr || channel_->unsent_bytes() == 0; },
                       "room to send");
}

void RawChannel::finish() {
  if (channel_ != nullptr) channel_->finish();
}

void RawChannel::reset() {
  if (channel_ == nullptr) return;
  channel_->stop_reading();
  channel_->reset(0);
}

bool RawChannel::arrived() {
  if (ready_ || defect_) return true;
  wire::IncomingFrame frame;
  const Result<bool> more = reader_.next(frame);
  if (!more) {
    defect_ = more.error();
  } else if (*more) {
    ready_ = std::move(frame);
  }
  return ready_ || defect_ || ended_;
}

Result<std::optional<wire::IncomingFrame>> RawChannel::next(std::string_view what) {
  FELIX_CHECK(context_.wait([this] { return arrived(); }, what));
  if (ready_) return std::exchange(ready_, std::nullopt);
  if (defect_)
    return std::unexpected(with_context(std::string("instead of ").append(what), std::move(*defect_)));
  if (lost_)
    return fail(Errc::connection_lost,
                std::string("the whole connection went down instead of ").append(what));
  return std::nullopt;
}

Result<wire::ServerMessage> RawChannel::message(std::string_view what) {
  FELIX_TRY(const auto frame, next(what));
  if (!frame)
    return fail(Errc::invalid_request, fmt::format("the broker ended the stream instead of {}", what));
  if (frame->flags != 0)
    return fail(Errc::invalid_request,
                fmt::format("a frame with flags 0x{:04x} instead of {}", frame->flags, what));
  return client::parse_message(*frame);
}

Result<wire::PublishAck> RawChannel::expect_ack(std::string_view what) {
  FELIX_TRY(const auto frame, next(what));
  if (!frame)
    return fail(Errc::invalid_request, fmt::format("the broker ended the stream instead of {}", what));
  auto ack = ack_of(*frame);
  if (!ack)
    return std::unexpected(with_context(std::string("instead of ").append(what), std::move(ack).error()));
  return ack;
}

Status RawChannel::expect_end(std::string_view after) {
  FELIX_TRY(const auto frame, next(fmt::format("the end of the stream after {}", after)));
  if (!frame) return {};
  return fail(
      Errc::invalid_request,
      fmt::format("the broker sent one more frame, with flags 0x{:04x}, after {}", frame->flags, after));
}

Result<wire::ServerMessage> RawChannel::authenticate(std::optional<std::uint16_t> flags,
                                                     std::optional<std::uint32_t> features) {
  FELIX_TRY(std::string token, client::read_token(context_.connect()));
  send(wire::Auth{.tenant_id = context_.tenant(),
                  .token = std::move(token),
                  .client_flags = flags,
                  .client_features = features,
                  .client_features_hi = {}});
  return message("an answer to auth");
}

Status RawChannel::authenticate() {
  FELIX_TRY(const wire::ServerMessage answer,
            authenticate(context_.connect().client_flags, context_.connect().client_features));
  if (std::holds_alternative<wire::AuthOk>(answer) || std::holds_alternative<wire::Ok>(answer)) return {};
  return std::unexpected(another("auth_ok", answer));
}

Error RawChannel::another(std::string_view what, const wire::ServerMessage& got) {
  std::string said = "another message";
  if (const auto* error = std::get_if<wire::ErrorMessage>(&got)) said = "error '" + error->message + "'";
  if (const auto* error = std::get_if<wire::PublishError>(&got))
    said = "publish_error '" + error->message + "'";
  if (const auto* unknown = std::get_if<wire::UnknownMessage>(&got)) said = "'" + unknown->type + "'";
  return Error{Errc::invalid_request, fmt::format("the broker answered {} instead of {}", said, what)};
}

// --- RawConnection ---

RawConnection::RawConnection(Context& context)
    : context_(context),
      dialer_(context.loop(), context.connect(),
              client::DialerEvents{
                  .on_connected = [this](transport::Connection& made,
                                         const std::string&) { connection_ = &made; },
                  .on_failed = [this](const Error& error) { lost_ = error; },
                  .on_channel = [this](transport::Channel& channel) { accepted_.push_back(&adopt(channel)); },
                  .on_channel_credit = [] {},  // open_channel() asks each turn
                  .on_closed =
                      [this](const transport::CloseReason& reason) {
                        connection_ = nullptr;
                        lost_ = client::lost_error(reason, "the broker");
                      }}) {}

RawConnection::~RawConnection() {
  for (const auto& channel : channels_)
    if (channel->channel_ != nullptr) channel->channel_->set_events({});
  dialer_.close("conformance is done");
}

Result<std::unique_ptr<RawConnection>> RawConnection::open(Context& context) {
  std::unique_ptr<RawConnection> made(new RawConnection(context));
  made->dialer_.dial();
  FELIX_CHECK(context.wait([&] { return made->connection_ != nullptr || made->lost_; }, "a connection"));
  if (made->lost_) return std::unexpected(*made->lost_);
  return made;
}

RawChannel& RawConnection::adopt(transport::Channel& channel) {
  return *channels_.emplace_back(std::make_unique<RawChannel>(context_, channel));
}

Result<RawChannel*> RawConnection::open_channel(bool bidirectional) {
  transport::Channel* opened = nullptr;
  FELIX_CHECK(context_.wait(
      [&] {
        if (connection_ == nullptr) return true;
        opened = bidirectional ? connection_->open_bidi() : connection_->open_uni();
        return opened != nullptr;
      },
      "the right to open a stream"));
  if (opened == nullptr) return std::unexpected(lost_.value_or(Error{Errc::connection_lost, "closed"}));
  return &adopt(*opened);
}

Result<RawChannel*> RawConnection::bidi() { return open_channel(true); }
Result<RawChannel*> RawConnection::uni() { return open_channel(false); }

Result<RawChannel*> RawConnection::accept() {
  FELIX_CHECK(context_.wait([this] { return !accepted_.empty() || lost_; }, "an event stream"));
  if (accepted_.empty()) return std::unexpected(*lost_);
  RawChannel* first = accepted_.front();
  accepted_.erase(accepted_.begin());
  return first;
}

Status RawConnection::still_serves() {
  auto channel = bidi();
  const Status served = channel ? (*channel)->authenticate() : Status(std::unexpected(channel.error()));
  if (served) return {};
  return std::unexpected(with_context("another stream of the same connection", served.error()));
}

Result<RawSession> open_raw(Context& context) {
  RawSession session;
  FELIX_TRY(session.connection, RawConnection::open(context));
  FELIX_TRY(session.channel, session.connection->bidi());
  FELIX_CHECK(session.channel->authenticate());
  return session;
}

Result<wire::PublishAck> ack_of(const wire::IncomingFrame& frame) {
  const auto kind = wire::check_flags(frame.flags, client::kClientFlags);
  if (!kind || *kind != wire::FrameKind::publish_ack)
    return fail(Errc::invalid_request, fmt::format("a frame with flags 0x{:04x}", frame.flags));
  return wire::parse_publish_ack(frame.flags, frame.payload.bytes());
}

std::vector<std::byte> frame_of(std::uint16_t flags, Bytes payload) {
  std::vector<std::byte> frame(wire::kHeaderBytes + payload.size());
  wire::store_header(frame.data(), {flags, static_cast<std::uint32_t>(payload.size())});
  std::ranges::copy(payload, frame.begin() + wire::kHeaderBytes);
  return frame;
}

wire::Publish publish_message(const Context& context, const std::string& stream, std::string_view record,
                              std::optional<RequestId> id) {
  wire::Publish publish;
  publish.tenant_id = context.tenant();
  publish.namespace_id = context.namespace_id();
  publish.stream = stream;
  publish.records = wire::RecordRun::single(as_bytes(record));
  publish.request_id = id;
  return publish;
}

}  // namespace felix::conformance
