#include <random>

#include <catch2/catch_test_macros.hpp>

#include "io/udp_socket.h"
#include "support/seed.h"
#include "transport/loopback.h"

using namespace felix;
using test::Heard;
using test::Loopback;
using test::LoopbackOptions;
using Kind = transport::CloseReason::Kind;

namespace {

void write(transport::Channel& channel, std::string_view text) {
  channel.write({}, flow::Slice::copy_of(as_bytes(text)));
}

std::string random_text(std::size_t size, std::mt19937_64& random) {
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

}  // namespace

TEST_CASE("a handshake makes both ends ready") {
  Loopback net;
  net.connect();
  net.until([&] { return net.client_ready && net.server_ready; });
  CHECK(net.server->counters().connections_accepted == 1);
}

TEST_CASE("bytes of a bidirectional channel arrive in order and end with FIN") {
  std::mt19937_64 random(test::seed());
  Loopback net;
  auto& connection = net.connect();
  net.until([&] { return net.client_ready; });
  transport::Channel* channel = connection.open_bidi();
  REQUIRE(channel != nullptr);
  net.listen(*channel);
  std::string sent;
  for (int i = 0; i < 300; ++i) {
    const std::string head = random_text(random() % 30, random);
    const std::string body = random_text(random() % 5000, random);
    channel->write(flow::InlineBytes(as_bytes(head)), flow::Slice::copy_of(as_bytes(body)));
    sent += head + body;
  }
  channel->finish();
  net.until([&] { return !net.at_server.empty() && net.at_server.begin()->second.finished; });
  CHECK(net.at_server.begin()->second.bytes == sent);
  write(*net.at_server.begin()->second.channel, "answer");
  net.at_server.begin()->second.channel->finish();
  net.until([&] { return net.at_client.begin()->second.closed; });
  CHECK(net.at_client.begin()->second.bytes == "answer");
  CHECK(connection.queued_bytes() == 0);
  CHECK(connection.channel_count() == 0);
}

TEST_CASE("a transfer larger than every window completes while the receiver consumes") {
  std::mt19937_64 random(test::seed());
  LoopbackOptions options;
  options.server.stream_window_bytes = 4096;
  options.server.connection_window_bytes = 8192;
  Loopback net(options);
  auto& connection = net.connect();
  net.until([&] { return net.client_ready; });
  const std::string sent = random_text(2 << 20, random);
  write(*connection.open_uni(), sent);
  net.until(
      [&] { return !net.at_server.empty() && net.at_server.begin()->second.bytes.size() == sent.size(); });
  CHECK(net.at_server.begin()->second.bytes == sent);
}

TEST_CASE("a channel that is not read stops at its window and does not delay another") {
  std::mt19937_64 random(test::seed());
  LoopbackOptions options;
  options.server.stream_window_bytes = 64 * 1024;
  Loopback net(options);
  auto& connection = net.connect();
  net.until([&] { return net.client_ready; });
  transport::Channel* stuck = connection.open_uni();
  transport::Channel* moving = connection.open_uni();
  net.at_server[stuck->id()].consume = false;
  write(*stuck, random_text(1 << 20, random));
  const std::string sent = random_text(1 << 20, random);
  write(*moving, sent);
  net.until([&] { return net.at_server[moving->id()].bytes.size() == sent.size(); });
  CHECK(net.at_server[moving->id()].bytes == sent);
  CHECK(net.at_server[stuck->id()].bytes.size() == 64 * 1024);
  CHECK(stuck->unsent_bytes() == (1 << 20) - 64 * 1024);
}

TEST_CASE("a reader that goes on after a pause is sent more at once") {
  LoopbackOptions options;
  options.server.stream_window_bytes = 16 * 1024;
  options.server.keep_alive = options.client.keep_alive = Duration(0);
  Loopback net(options);
  auto& connection = net.connect();
  net.until([&] { return net.client_ready; });
  transport::Channel* const channel = connection.open_uni();
  Heard& heard = net.at_server[channel->id()];
  heard.consume = false;
  write(*channel, std::string(64 * 1024, 'x'));
  net.until([&] { return heard.bytes.size() == 16 * 1024; });
  // An acknowledgement comes, which asks for no answer.
  transport::Channel* const back = net.server_connection->open_uni();
  write(*back, "x");
  net.until([&] { return back->queued_bytes() == 0; });
  heard.consume = true;
  heard.channel->consume(heard.bytes.size());
  CHECK(net.loop->run_until([&] { return heard.bytes.size() == 64 * 1024; },
                            net.clock.now() + std::chrono::seconds(1)));
}

TEST_CASE("bytes nobody consumed are given back to the connection when their channel ends") {
  LoopbackOptions options;
  options.server.connection_window_bytes = 32 * 1024;
  options.server.stream_window_bytes = 32 * 1024;
  Loopback net(options);
  auto& connection = net.connect();
  net.until([&] { return net.client_ready; });
  for (int i = 0; i < 20; ++i) {
    transport::Channel* channel = connection.open_uni();
    const auto id = channel->id();
    net.at_server[id].consume = false;
    write(*channel, std::string(20 * 1024, 'x'));
    channel->finish();
    net.until([&] { return net.at_server[id].closed; });
    CHECK(net.at_server[id].bytes.size() == 20 * 1024);
  }
}

TEST_CASE("stop_reading and reset reach the other end") {
  Loopback net;
  auto& connection = net.connect();
  net.until([&] { return net.client_ready; });
  transport::Channel* channel = connection.open_bidi();
  const auto id = channel->id();
  net.listen(*channel);
  write(*channel, "hello");
  net.until([&] { return net.at_server[id].bytes == "hello"; });
  net.at_server[id].channel->stop_reading();
  net.at_server[id].channel->reset(7);
  net.until([&] { return net.at_client[id].closed && net.at_server[id].closed; });
  CHECK(net.at_client[id].reset);
}

TEST_CASE("an application close tells its code and reason") {
  Loopback net;
  auto& connection = net.connect();
  net.until([&] { return net.client_ready && net.server_ready; });
  net.server->close_all(0, "broker shutting down");
  net.until([&] { return net.client_closed && net.server_closed; });
  CHECK(net.client_closed->kind == Kind::peer_application);
  CHECK(net.client_closed->code == 0);
  CHECK(net.client_closed->text == "broker shutting down");
  CHECK(net.server_closed->kind == Kind::local);
  CHECK(net.client->idle());
  CHECK(net.server->idle());
  (void)connection;
}

TEST_CASE("a server that stopped accepting refuses new peers") {
  Loopback net;
  net.server->stop_accepting();
  net.connect();
  net.until([&] { return net.client_closed != nullptr; });
  CHECK(net.client_closed->kind == Kind::refused);
}

TEST_CASE("a peer must prove its address when too many handshakes are unfinished") {
  LoopbackOptions options;
  options.handshakes.prove_from = 0;
  Loopback net(options);
  net.connect();
  net.until([&] { return net.client_ready && net.server_ready; });
  CHECK(net.server->counters().retries_sent == 1);
}

TEST_CASE("application protocols: none and felix/1 are served, another alone is refused") {
  LoopbackOptions options;
  SECTION("felix/1") {
    options.client_alpn = {"felix/1"};
    Loopback net(options);
    net.connect();
    net.until([&] { return net.client_ready; });
  }
  SECTION("a foreign one") {
    options.client_alpn = {"h3"};
    Loopback net(options);
    net.connect();
    net.until([&] { return net.client_closed != nullptr; });
    CHECK(net.client_closed->kind == Kind::handshake_failed);
    CHECK(net.client_closed->code == transport::kQuicNoApplicationProtocol);
  }
  SECTION("none, where one is required") {
    options.require_alpn = true;
    Loopback net(options);
    net.connect();
    net.until([&] { return net.client_closed != nullptr; });
    CHECK(net.client_closed->code == transport::kQuicNoApplicationProtocol);
  }
}

TEST_CASE("a server of a foreign authority is not trusted, and the reason says so") {
  LoopbackOptions options;
  options.trust = false;
  Loopback net(options);
  net.connect();
  net.until([&] { return net.client_closed != nullptr; });
  CHECK(net.client_closed->kind == Kind::handshake_failed);
  CHECK_FALSE(net.client_closed->text.empty());
}

TEST_CASE("a peer that says nothing for the idle time is given up") {
  LoopbackOptions options;
  options.client.idle_timeout = std::chrono::milliseconds(200);
  options.client.keep_alive = Duration(0);
  options.server.keep_alive = Duration(0);
  Loopback net(options);
  net.connect();
  net.until([&] { return net.client_closed != nullptr; });
  CHECK(net.client_closed->kind == Kind::idle_timeout);
}

TEST_CASE("a connection with keep-alive outlives the idle time") {
  LoopbackOptions options;
  options.client.idle_timeout = std::chrono::milliseconds(600);
  options.client.keep_alive = std::chrono::milliseconds(50);
  Loopback net(options);
  net.connect();
  net.until([&] { return net.client_ready; });
  const MonoTime end = net.clock.now() + std::chrono::milliseconds(1500);
  net.until([&] { return net.clock.now() > end; });
  CHECK(net.client_closed == nullptr);
}

TEST_CASE("garbage, truncated and unknown packets are ignored") {
  std::mt19937_64 random(test::seed());
  Loopback net;
  auto socket = io::UdpSocket::bind(io::Address::parse("127.0.0.1:0").value(), {}).value();
  for (int i = 0; i < 500; ++i) {
    std::string packet = random_text(1 + random() % 1400, random);
    if (i % 3 == 0)
      packet.replace(0, std::min<std::size_t>(5, packet.size()),
                     std::string("\xc3\0\0\0\1", std::min<std::size_t>(5, packet.size())));
    std::size_t sent = 0;
    socket->send(net.server->local(), 0, as_bytes(packet), packet.size(), sent);
  }
  net.connect();
  net.until([&] { return net.client_ready; });
  CHECK(net.server->connection_count() <= 2);
}

TEST_CASE("a server that lost its state resets the connection at its next packet") {
  Loopback net;
  auto& connection = net.connect();
  net.until([&] { return net.client_ready && net.server_ready; });
  net.until([&] { return net.server_connection->smoothed_rtt().count() > 0; });
  net.restart_server();
  write(*connection.open_uni(), std::string(100, 'x'));
  net.until([&] { return net.client_closed != nullptr; });
  CHECK(net.client_closed->kind == Kind::stateless_reset);
}

TEST_CASE("a writer learns that its peer stopped reading") {
  Loopback net;
  auto& connection = net.connect();
  net.until([&] { return net.client_ready; });
  transport::Channel* channel = connection.open_bidi();
  const auto id = channel->id();
  net.listen(*channel);
  write(*channel, "hello");
  net.until([&] { return net.at_server[id].bytes == "hello"; });
  net.at_server[id].channel->stop_reading();
  net.until([&] {
    write(*channel, "more");
    return channel->peer_stopped();
  });
  // The other direction goes on.
  write(*net.at_server[id].channel, "still");
  net.until([&] { return net.at_client[id].bytes == "still"; });
  CHECK_FALSE(net.at_client[id].closed);
}

TEST_CASE("a slow moment after much data does not hold back the next bytes") {
  Loopback net;
  auto& connection = net.connect();
  net.until([&] { return net.client_ready; });
  transport::Channel* channel = connection.open_uni();
  const auto id = channel->id();
  std::size_t sent = 0;
  // Much data in small portions: the congestion window stays small, as with requests and answers.
  for (int i = 0; i < 4000; ++i) {
    write(*channel, std::string(4096, 'x'));
    sent += 4096;
    net.until([&] { return net.at_server[id].bytes.size() == sent && connection.queued_bytes() == 0; });
  }
  // Round trips of ten milliseconds, until the estimate says so: a matter of some of them.
  const MonoTime soon = net.clock.now() + std::chrono::seconds(1);
  CHECK(net.loop->run_until(
      [&] {
        write(*channel, "x");
        ++sent;
        const MonoTime resume = net.clock.now() + std::chrono::milliseconds(10);
        while (net.clock.now() < resume) {
        }
        return connection.smoothed_rtt() > std::chrono::milliseconds(3);
      },
      soon));
  CHECK(net.loop->run_until([&] { return net.at_server[id].bytes.size() == sent; }, soon));
}

TEST_CASE("what a packet brought leaves for others before its sender is answered") {
  Loopback net;
  auto& sender = net.connect();
  net.until([&] { return net.client_ready && net.server_ready; });
  transport::Connection* const to_sender = net.server_connection;
  net.client_ready = net.server_ready = false;
  net.connect();
  net.until([&] { return net.client_ready && net.server_ready; });
  transport::Connection* const to_reader = net.server_connection;
  REQUIRE(to_reader != to_sender);

  transport::Channel* channel = sender.open_bidi();
  REQUIRE(channel != nullptr);
  net.listen(*channel);
  write(*channel, "first");
  net.until([&] { return net.at_server.contains(channel->id()); });
  transport::Channel* const delivery = to_reader->open_uni();
  REQUIRE(delivery != nullptr);
  transport::Channel* const request = net.at_server[channel->id()].channel;
  transport::ChannelEvents events;
  events.on_readable = [&] {
    write(*request, "answer");
    write(*delivery, "event");
  };
  request->set_events(std::move(events));
  // The reader's own packets may have put it behind the sender: in one try, not in all.
  const std::string* const heard = &net.at_client[delivery->id()].bytes;
  std::size_t answers = 0;
  std::size_t events_before = 0;
  bool delivered_first = false;
  transport::ChannelEvents at_sender;
  at_sender.on_bytes = [&](Bytes) {
    ++answers;
    delivered_first |= heard->size() > events_before;
  };
  channel->set_events(std::move(at_sender));
  for (std::size_t tries = 1; tries <= 10; ++tries) {
    events_before = heard->size();
    write(*channel, "next");
    net.until([&] { return answers == tries && heard->size() > events_before; });
  }
  CHECK(delivered_first);
}
