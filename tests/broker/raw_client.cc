#include "broker/raw_client.h"

#include <algorithm>
#include <exception>

#include <catch2/catch_test_macros.hpp>

#include "crypto/pem_file.h"
#include "crypto/tls_context.h"

namespace felix::test {
namespace {

constexpr Duration kPatience = std::chrono::seconds(10);
constexpr Duration kGlance = std::chrono::milliseconds(2);

std::uint64_t take_be(std::string_view& text, std::size_t bytes) {
  REQUIRE(text.size() >= bytes);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | static_cast<std::uint8_t>(text[i]);
  text.remove_prefix(bytes);
  return value;
}

std::string take_text(std::string_view& text, std::size_t length_bytes) {
  const std::size_t size = take_be(text, length_bytes);
  REQUIRE(text.size() >= size);
  std::string taken(text.substr(0, size));
  text.remove_prefix(size);
  return taken;
}

std::string named(std::string_view type, std::string_view kind, std::string_view name) {
  return R"({"type":")" + std::string(type) + R"(","tenant_id":"default","namespace":"default",")" +
         std::string(kind) + R"(":")" + std::string(name) + '"';
}

client::ConnectOptions dialled(const RunningBroker& broker, const Dial& dial) {
  client::ConnectOptions options = broker.client_options();
  if (!dial.address.empty()) options.servers = {dial.address};
  if (!dial.ca_file.empty()) options.ca_file = dial.ca_file;
  return options;
}

}  // namespace

std::string be(std::uint64_t value, std::size_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t i = bytes; i-- > 0; value >>= 8) text[i] = static_cast<char>(value);
  return text;
}

std::string header(unsigned flags, std::uint32_t length, std::string_view magic, std::uint16_t version) {
  return std::string(magic) + be(version, 2) + be(flags, 2) + be(length, 4);
}

std::string frame(unsigned flags, std::string_view payload) {
  return header(flags, static_cast<std::uint32_t>(payload.size())) + std::string(payload);
}

std::string auth(std::string_view token, std::string_view more, std::string_view tenant) {
  return json_frame(R"({"type":"auth","tenant_id":")" + std::string(tenant) + R"(","token":")" +
                    std::string(token) + '"' + std::string(more) + '}');
}

std::string batch(std::string_view stream, const std::vector<std::string>& payloads) {
  std::string text = be(7, 2) + "default" + be(7, 2) + "default" + be(stream.size(), 2) +
                     std::string(stream) + be(payloads.size(), 4);
  for (const std::string& payload : payloads) text += be(payload.size(), 4) + payload;
  return text;
}

std::string acked(std::uint64_t request_id, std::string_view stream,
                  const std::vector<std::string>& payloads) {
  return frame(0x0009, be(request_id, 8) + be(1, 1) + batch(stream, payloads));
}

std::string subscribe(std::string_view stream, std::string_view more) {
  return json_frame(named("subscribe", "stream", stream) + std::string(more) + '}');
}

std::string cache_put(std::string_view cache, std::string_view key, std::string_view value_base64,
                      std::string_view more) {
  return json_frame(named("cache_put", "cache", cache) + R"(,"key":")" + std::string(key) + R"(","value":")" +
                    std::string(value_base64) + R"(","ttl_ms":null)" + std::string(more) + '}');
}

std::string cache_get(std::string_view cache, std::string_view key, std::string_view more) {
  return json_frame(named("cache_get", "cache", cache) + R"(,"key":")" + std::string(key) + '"' +
                    std::string(more) + '}');
}

std::string with_id(std::uint64_t id) { return R"(,"request_id":)" + std::to_string(id); }

RawAck ack_of(const RawFrame& received) {
  INFO(received.text);
  REQUIRE((received.flags & 0x0010) != 0);
  std::string_view text = received.text;
  RawAck ack;
  ack.status = static_cast<std::uint8_t>(take_be(text, 1));
  ack.request_id = take_be(text, 8);
  ack.message = take_text(text, 2);
  return ack;
}

RawEvents events_of(const RawFrame& received) {
  REQUIRE((received.flags & 0x0006) != 0);
  std::string_view text = received.text;
  RawEvents events;
  if ((received.flags & 0x0002) != 0) events.subscription_id = take_be(text, 8);
  if ((received.flags & 0x0020) != 0) events.base_offset = take_be(text, 8);
  CHECK((received.flags & 0x0800) == 0);
  if ((received.flags & 0x2000) != 0) events.publisher = take_text(text, 1);
  const std::size_t count = take_be(text, 4);
  for (std::size_t i = 0; i < count; ++i) {
    if ((received.flags & 0x4000) != 0) events.timestamps.push_back(take_be(text, 8));
    events.records.push_back(take_text(text, 4));
  }
  CHECK(text.empty());
  return events;
}

RawChannel::RawChannel(RawClient& client, transport::Channel& channel)
    : client_(client), channel_(&channel), id_(channel.id()) {
  transport::ChannelEvents events;
  events.on_bytes = [this](Bytes bytes) {
    heard_bytes_ += bytes.size();
    unconsumed_ += bytes.size();
    reader_.push(bytes);
  };
  events.on_readable = [this] {
    if (consuming_) consume_again();
    wire::IncomingFrame incoming;
    for (;;) {
      const auto next = reader_.next(incoming);
      if (!next || !*next) break;
      frames_.push_back({incoming.flags, std::string(as_text(incoming.payload.bytes()))});
    }
    finished_ = channel_->peer_finished();
    reset_ = channel_->peer_reset();
    reset_code_ = channel_->peer_reset_code();
  };
  events.on_closed = [this] {
    closed_ = true;
    channel_ = nullptr;
  };
  channel.set_events(std::move(events));
}

void RawChannel::write(std::string_view bytes) {
  if (channel_ != nullptr) channel_->write({}, flow::Slice::copy_of(as_bytes(bytes)));
}
void RawChannel::finish() {
  if (channel_ != nullptr) channel_->finish();
}
void RawChannel::stop_reading() {
  if (channel_ != nullptr) channel_->stop_reading();
}
void RawChannel::reset() {
  if (channel_ != nullptr) channel_->reset(0);
}
void RawChannel::consume_again() {
  consuming_ = true;
  if (channel_ != nullptr) channel_->consume(std::exchange(unconsumed_, 0));
}

std::optional<RawFrame> RawChannel::next_or_end() {
  client_.until([this] { return !frames_.empty() || ended(); });
  if (frames_.empty()) return std::nullopt;
  RawFrame first = std::move(frames_.front());
  frames_.pop_front();
  return first;
}

RawFrame RawChannel::next() {
  auto first = next_or_end();
  if (!first) FAIL("the channel ended");
  return *std::move(first);
}

std::vector<RawFrame> RawChannel::rest() {
  client_.until([this] { return ended(); });
  return {std::make_move_iterator(frames_.begin()), std::make_move_iterator(frames_.end())};
}

RawClient::RawClient(const RunningBroker& broker, transport::TransportConfig config)
    : RawClient(broker, Dial(), std::move(config)) {}

RawClient::RawClient(const RunningBroker& broker, const Dial& dial, transport::TransportConfig config)
    : RawClient(dialled(broker, dial), broker.admin_token(), std::move(config)) {
  broker_ = &broker;
}

RawClient::RawClient(const client::ConnectOptions& known, std::string token,
                     transport::TransportConfig config)
    : token_(std::move(token)), loop_(io::Loop::create(clock_).value()) {
  crypto::TlsClientOptions tls;
  tls.ca = crypto::read_pem_file(known.ca_file).value();
  tls.server_name = known.server_name;
  tls_ = crypto::TlsClientContext::create(tls, clock_.wall_now()).value();
  endpoint_ = transport::Endpoint::client(*loop_, AF_INET, {}).value();
  transport::ConnectionEvents events;
  events.on_ready = [this] { ready_ = true; };
  events.on_channel = [this](transport::Channel& channel) {
    auto added = std::make_unique<RawChannel>(*this, channel);
    event_channels_.push_back(added.get());
    channels_.emplace(channel.id(), std::move(added));
  };
  events.on_closed = [this](const transport::CloseReason& reason) {
    closed_ = reason;
    connection_ = nullptr;
  };
  connection_ =
      endpoint_->connect(io::Address::parse(known.servers.front()).value(), {config, tls_}, std::move(events))
          .value();
  until([this] { return ready_ || closed_; });
}

RawClient::~RawClient() {
  if (connection_ == nullptr || std::uncaught_exceptions() > 0) return;
  connection_->close(0, "bye");
  turn();
}

bool RawClient::can_open() const { return connection_ != nullptr && connection_->bidi_credit() > 0; }

RawChannel& RawClient::open() {
  until([this] { return can_open() || closed_; });
  REQUIRE(connection_ != nullptr);
  transport::Channel* channel = connection_->open_bidi();
  REQUIRE(channel != nullptr);
  return *channels_.emplace(channel->id(), std::make_unique<RawChannel>(*this, *channel)).first->second;
}

RawChannel& RawClient::open_uni() {
  REQUIRE(connection_ != nullptr);
  transport::Channel* channel = connection_->open_uni();
  REQUIRE(channel != nullptr);
  return *channels_.emplace(channel->id(), std::make_unique<RawChannel>(*this, *channel)).first->second;
}

RawChannel& RawClient::open_authenticated(std::string_view auth_more) {
  RawChannel& channel = open();
  channel.write(auth(token_, auth_more));
  const std::string answer = channel.next().text;
  INFO(answer);
  REQUIRE((answer.starts_with(R"({"type":"auth_ok")") || answer == R"({"type":"ok"})"));
  return channel;
}

RawChannel& RawClient::event_channel() {
  until([this] { return !event_channels_.empty(); });
  RawChannel& first = *event_channels_.front();
  event_channels_.pop_front();
  return first;
}

void RawClient::until(const std::function<bool()>& done) { REQUIRE(within(kPatience, done)); }

bool RawClient::within(Duration patience, const std::function<bool()>& done) {
  // What is waited for may happen in the broker, of which our loop hears nothing: a look now and then.
  const MonoTime give_up = clock_.now() + patience;
  while (!done()) {
    const MonoTime now = clock_.now();
    if (now >= give_up) return false;
    loop_->turn(std::min<MonoTime>(give_up, now + kGlance));
  }
  return true;
}

void RawClient::turn() { loop_->turn(clock_.now()); }

void RawClient::close() {
  if (connection_ != nullptr) connection_->close(0, "bye");
  until([this] { return closed_.has_value(); });
}

}  // namespace felix::test
