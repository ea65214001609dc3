#include "conformance/live_proxy.h"

#include <utility>

#include "crypto/test_pki.h"
#include "wire/header.h"

namespace felix::conformance::test {

// One direction of a stream.
struct Proxy::Half {
  bool to_client = false;
  transport::Channel* from = nullptr;
  transport::Channel* to = nullptr;
  std::vector<std::byte> buffer{};
  std::size_t received = 0;  // not given back yet
  std::size_t index = 0;
  bool untouched = false;  // the envelope is broken: bytes pass as they are
  bool over = false;
  bool finished = false;

  void forward(const std::vector<std::byte>& bytes) const {
    if (to != nullptr) to->write({}, flow::Slice::copy_of(bytes));
  }
  void forward(const PassingFrame& frame) const {
    std::vector<std::byte> bytes(wire::kHeaderBytes);
    wire::store_header(bytes.data(), {frame.flags, static_cast<std::uint32_t>(frame.payload.size())});
    bytes.insert(bytes.end(), frame.payload.begin(), frame.payload.end());
    forward(bytes);
  }

  void pump(Proxy& proxy, bool uni) {
    if (to == nullptr || finished) return;
    while (!untouched && buffer.size() >= wire::kHeaderBytes) {
      const auto header =
          wire::parse_header(std::span<const std::byte, wire::kHeaderBytes>(buffer.data(), 12));
      if (!header || header->payload_bytes > wire::kDefaultMaxPayloadBytes) {
        untouched = true;
        break;
      }
      const std::size_t size = wire::kHeaderBytes + header->payload_bytes;
      if (buffer.size() < size) break;
      const auto end = buffer.begin() + static_cast<std::ptrdiff_t>(size);
      PassingFrame frame{to_client, uni, index++, header->flags, {buffer.begin() + wire::kHeaderBytes, end}};
      buffer.erase(buffer.begin(), end);
      for (const PassingFrame& one : proxy.tamper_(std::move(frame))) forward(one);
    }
    if (untouched && !buffer.empty()) forward(std::exchange(buffer, {}));
    if (!over) return;
    if (to_client && proxy.last_words_)
      for (const PassingFrame& one : proxy.last_words_()) forward(one);
    finished = true;
    to->finish();
  }
};

struct Proxy::Pair {
  bool from_client = false;
  bool uni = false;
  bool connected = false;  // has both ends
  Half to_broker{};
  Half to_client{.to_client = true};
};

struct Proxy::Link {
  Link(Proxy& owner, transport::Connection& client)
      : proxy(owner),
        near(&client),
        dialer(owner.loop_, owner.upstream_,
               client::DialerEvents{.on_connected =
                                        [this](transport::Connection& made, const std::string&) {
                                          far = &made;
                                          pump();
                                        },
                                    .on_failed = [](const Error&) {},
                                    .on_channel = [this](transport::Channel& c) { on_channel(c, false); },
                                    .on_channel_credit = [this] { pump(); },
                                    .on_closed = [this](const transport::CloseReason&) { far = nullptr; }}) {
    dialer.dial();
  }

  void on_channel(transport::Channel& channel, bool from_client) {
    Pair& pair = *pairs.emplace_back(std::make_unique<Pair>());
    pair.from_client = from_client;
    pair.uni = !channel.is_bidirectional();
    wire_up(pair, channel, from_client);
  }

  // `channel` is the end of `pair` on the client's or the broker's side.
  void wire_up(Pair& pair, transport::Channel& channel, bool client_side) {
    Half& in = client_side ? pair.to_broker : pair.to_client;
    Half& out = client_side ? pair.to_client : pair.to_broker;
    in.from = out.to = &channel;
    transport::ChannelEvents events;
    events.on_bytes = [&in](Bytes bytes) {
      in.buffer.insert(in.buffer.end(), bytes.begin(), bytes.end());
      in.received += bytes.size();
    };
    events.on_readable = [this, &in] {
      in.from->consume(std::exchange(in.received, 0));
      in.over = in.over || in.from->peer_finished() || in.from->peer_reset();
      pump();
    };
    events.on_closed = [&in, &out] {
      in.over = true;
      in.from = out.to = nullptr;
    };
    channel.set_events(std::move(events));
  }

  void pump() {
    for (const auto& pair : pairs) {
      transport::Connection* other = pair->from_client ? far : near;
      if (!pair->connected && other != nullptr) {
        if (transport::Channel* opened = pair->uni ? other->open_uni() : other->open_bidi()) {
          pair->connected = true;
          wire_up(*pair, *opened, !pair->from_client);
        }
      }
      if (!pair->uni || pair->from_client) pair->to_broker.pump(proxy, pair->uni);
      if (!pair->uni || !pair->from_client) pair->to_client.pump(proxy, pair->uni);
    }
  }

  Proxy& proxy;
  transport::Connection* near;
  transport::Connection* far = nullptr;
  std::vector<std::unique_ptr<Pair>> pairs;
  client::Dialer dialer;
};

Proxy::Proxy(io::Loop& loop, const client::ConnectOptions& upstream, Tamper tamper, LastWords last_words)
    : loop_(loop), upstream_(upstream), tamper_(std::move(tamper)), last_words_(std::move(last_words)) {
  tls_ = crypto::TlsServerContext::create(crypto::test::server_options(), crypto::test::now()).value();
  transport::ListenOptions listen;
  listen.tls = [this] { return tls_; };
  listen.on_connection = [this](transport::Connection& connection) { on_connection(connection); };
  endpoint_ = transport::Endpoint::listen(loop_, io::Address::parse("127.0.0.1:0").value(), std::move(listen))
                  .value();
}

Proxy::~Proxy() {
  for (const auto& link : links_) link->dialer.close("the proxy ends");
}

void Proxy::on_connection(transport::Connection& connection) {
  Link* link = links_.emplace_back(std::make_unique<Link>(*this, connection)).get();
  connection.set_events(
      {.on_ready = [link] { link->pump(); },
       .on_channel = [link](transport::Channel& channel) { link->on_channel(channel, true); },
       .on_channel_credit = [link] { link->pump(); },
       .on_closed =
           [link](const transport::CloseReason&) {
             link->near = nullptr;
             link->dialer.close("the client went");
           }});
}

client::ConnectOptions Proxy::client_options() const {
  client::ConnectOptions options = upstream_;
  options.servers = {endpoint_->local().to_string()};
  options.ca_file.clear();
  options.ca_pem = crypto::test::ca().certificate_chain.text;
  return options;
}

}  // namespace felix::conformance::test
